"""Access rules: which calls a resource has, and who may make each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, get_args

from gatewright.design.kinds import COLUMN_PATH, MAX_NAME, TEXT, Key, Kind, Reader, Schema
from gatewright.design.problems import quoted

RULE_PATTERN = "^(none|public|authenticated|owner|role:[A-Za-z][A-Za-z0-9_-]*|permission:[A-Za-z][A-Za-z0-9_.:-]*)$"
_LONGEST = 2 * MAX_NAME
_EXAMPLES = ("none", "public", "authenticated", "owner", "role:ADMIN", "permission:NAME")


CallName = Literal["list", "read", "create", "update", "delete"]
CALLS: tuple[CallName, ...] = get_args(CallName)
"""The five calls of a resource."""


class RuleKind(StrEnum):
    """The callers that an access rule lets in."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    OWNER = "owner"
    ROLE = "role"
    PERMISSION = "permission"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to be let in.

    Attributes:
        name: The role's or the permission's; empty for other kinds.
    """

    kind: RuleKind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


@dataclass(frozen=True, slots=True)
class Rules(Kind):
    """The kind of value that a call has in `access`: a rule, or a list of rules."""

    placeholder: tuple[Rule, ...] = ()

    def read(self, raw: object, path: str, reader: Reader) -> tuple[Rule, ...]:
        if isinstance(raw, str):
            rule = _rule(raw, path, reader)
            return () if rule is None else (rule,)
        if not isinstance(raw, list | tuple):
            raise reader.refuse(path, f"must be a list, not {quoted(raw)}")
        rules = [_rule(item, f"{path}[{i}]", reader) for i, item in enumerate(raw)]
        if None in rules and len(rules) > 1:
            raise reader.refuse(path, '"none" cannot be combined with other rules; leave one of them out')
        if len(set(rules)) < len(rules):
            raise reader.refuse(path, "lists a rule twice")
        return tuple(rule for rule in rules if rule is not None)

    def schema(self) -> Schema:
        rule = {"$ref": "#/$defs/rule"}
        return {"anyOf": [rule, {"type": "array", "items": rule, "uniqueItems": True}]}


RULES = Rules()
RULE_SCHEMA: Schema = {"type": "string", "pattern": RULE_PATTERN, "maxLength": _LONGEST}
"""What `#/$defs/rule` is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may make which call on a table's resource. Any one rule lets in; without a rule, ADMIN alone may.

    Attributes:
        owner_column: The reference to `User` that makes a row a user's own; `post.authorId` is the column of the row
            that `postId` references.
    """

    list: Annotated[tuple[Rule, ...], Key(RULES, "Who may list rows.")] = ()
    read: Annotated[tuple[Rule, ...], Key(RULES, "Who may read a row.")] = ()
    create: Annotated[tuple[Rule, ...], Key(RULES, "Who may create a row.")] = ()
    update: Annotated[tuple[Rule, ...], Key(RULES, "Who may change a row.")] = ()
    delete: Annotated[tuple[Rule, ...], Key(RULES, "Who may delete a row.")] = ()
    owner_column: Annotated[str | None, Key(COLUMN_PATH, "The reference to User that names the owner of a row.")] = None

    def rules(self, call: CallName) -> tuple[Rule, ...]:
        """The rules for *call*."""
        rules: tuple[Rule, ...] = getattr(self, call)
        return rules

    @property
    def roles(self) -> set[str]:
        """The roles that some rule names."""
        return self._names(RuleKind.ROLE)

    @property
    def permissions(self) -> set[str]:
        """The permissions that some rule names."""
        return self._names(RuleKind.PERMISSION)

    def _names(self, kind: RuleKind) -> set[str]:
        return {rule.name for call in CALLS for rule in self.rules(call) if rule.kind is kind}


def _rule(raw: object, path: str, reader: Reader) -> Rule | None:
    """The rule of a text; `None` for "none"."""
    text = TEXT.read(raw, path, reader)
    if len(text) > _LONGEST or not re.fullmatch(RULE_PATTERN, text):
        message = f"no rule {quoted(text)}; use none, public, authenticated, owner, role:NAME or permission:NAME"
        raise reader.refuse(path, message, near=text, among=[f"role:{text}", *_EXAMPLES])
    kind, _, name = text.partition(":")
    return None if kind == "none" else Rule(RuleKind(kind), name)
