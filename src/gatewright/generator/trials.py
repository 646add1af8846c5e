"""What the generated tests of each table do, and what they expect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatewright.design.document import USER, Column, Design, Reference, RuleKind, Table
from gatewright.design.settable import changeable, settable
from gatewright.generator import words
from gatewright.generator.literals import Code, literal
from gatewright.generator.samples import sample, series

CALLS = ("list", "read", "create", "update", "delete")
_SUCCESS = {"list": 200, "read": 200, "create": 201, "update": 200, "delete": 204}
_PLAIN_ROLES = ("USER", "ADMIN")
_PLAIN_USERS = ("owner", "stranger")
_SHOWN_OF_USER = ("id", "email")

_Body = tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The tests of one table.

    Attributes:
        body: What a row is made from, by somebody called `who`: names in JSON with expressions; None when no row can be
            made by the tests.
        problem: Why not, for a person.
        maker: Who makes the row, as a literal: its owner where there can be one.
        change: The names in JSON of what of the body a row can be changed to, as a literal; None when that is nothing.
        unseen: The names in JSON of what of the body is not in the answer, as a literal; None when all is.
        cases: Who may make which call, with the status that is answered, as a dictionary literal for each call.
        seers: Whose list holds the row, as a literal.
        refused: The names in JSON that no client may send, as a literal; None without any.
        hidden: The names in JSON of what never leaves the server, as a literal; None without any.
        closed: References that a plain user may set, and not to rows of others: names in JSON with expressions for a
            key of such a row; empty where plain users create no rows.
    """

    body: tuple[tuple[Code, Code], ...] | None
    problem: str | None
    maker: Code
    cases: dict[str, Code]
    seers: Code
    change: Code | None
    unseen: Code | None
    refused: Code | None
    hidden: Code | None
    closed: tuple[tuple[Code, Code], ...]


def make_trials(design: Design) -> dict[str, Trial]:
    """The tests of every table, by the tables' names."""
    rows = _Rows(design)
    return {table.name: _trial(table, rows) for table in design.tables}


class _Rows:
    """Which rows tests can make, and from what."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._known: dict[str, tuple[_Body | None, str | None]] = {}

    def body(self, table: Table) -> tuple[_Body | None, str | None]:
        """What a row of *table* is made from, or why it can't be made."""
        if table.name not in self._known:
            # For a table that needs a row of itself first, however far around.
            self._known[table.name] = (None, f"{table.name} needs a row of {table.name} first")
            self._known[table.name] = self._body(table)
        return self._known[table.name]

    def value(self, column: Column, table: Table) -> Code | None:
        """An expression for a value of the column, for somebody called `who`; None when there is none."""
        is_alone, is_part = _uniqueness(column, table)
        if column.references is not None:
            return self._reference(column.references, is_part=is_part)
        found = series(column) if is_part else None
        return found if found or is_alone else sample(column)

    def others(self, column: Column) -> Code | None:
        """An expression for a value of a reference, by a row that an administrator has made; None without one."""
        reference = column.references
        if reference is None or not self._can_refer(reference):
            return None
        target = self._design.table(reference.table)
        made = "people.another()" if target.name == USER else f"rows.make_{words.folder(target)}(people).row"
        return Code(f"{made}[{self._key(reference)}]")

    def may_name_others(self, who: str, reference: Reference) -> bool:
        """Whether somebody may refer to the rows that an administrator has made."""
        target = self._design.table(reference.table)
        return reference.any_row or _is_let_in("read", who, target)

    def creates(self, who: str, table: Table) -> int:
        """The status of a create by somebody who refers to their own rows, where only those may be referred to."""
        status = _status("create", who, table)
        closed = [column for column in settable(table) if _is_needed(column) and not self._may_name(who, column)]
        return 422 if status == _SUCCESS["create"] and closed else status

    def _may_name(self, who: str, column: Column) -> bool:
        reference = column.references
        return reference is None or self.may_name_others(who, reference) or who in self._makers(reference)

    def _makers(self, reference: Reference) -> list[str]:
        """Who may refer to rows of their own, and make them."""
        target = self._design.table(reference.table)
        if target.name == USER:
            return list(_PLAIN_USERS)
        if RuleKind.OWNER not in _kinds("read", target) or self.body(target)[0] is None:
            return []
        return [who for who in _PLAIN_USERS if self.creates(who, target) == _SUCCESS["create"]]

    def _reference(self, reference: Reference, *, is_part: bool) -> Code | None:
        if not self._can_refer(reference):
            return None
        target = self._design.table(reference.table)
        people = [who for who in self._makers(reference) if not self.may_name_others(who, reference)]
        if target.name == USER:
            others = "people.another()" if is_part else 'people.user("ADMIN")'
            made = f"(people.user(who) if who in {literal(people)} else {others})" if people else others
        else:
            maker = f', who if who in {literal(people)} else "ADMIN"' if people else ""
            made = f"make_{words.folder(target)}(people{maker}).row"
        return Code(f"{made}[{self._key(reference)}]")

    def _can_refer(self, reference: Reference) -> bool:
        """Whether the tests can make a row to refer to, and see its key."""
        target = self._design.table(reference.table)
        if target.name == USER:
            return reference.column in _SHOWN_OF_USER
        hidden = target.column(reference.column).is_hidden
        return not (hidden or target.is_system or self.body(target)[0] is None)

    def _key(self, reference: Reference) -> Code:
        target = self._design.table(reference.table)
        return literal(words.wire_name(target.column(reference.column)))

    def _body(self, table: Table) -> tuple[_Body | None, str | None]:
        if table.is_system:
            return None, None
        allowed, parts = settable(table), []
        for column in table.columns:
            is_needed = _is_needed(column) and column.name != table.access.owner_column
            if column not in allowed:
                if is_needed:
                    return None, f"{table.name}.{column.name} is required, has no default, and no client may set it"
                continue
            if column.references is not None and not is_needed:
                continue
            value = self.value(column, table)
            if value is not None:
                parts.append((words.wire_name(column), value))
            elif is_needed:
                return None, _unknown_value(column, table)
        return tuple(parts), None


def _trial(table: Table, rows: _Rows) -> Trial:
    body, problem = rows.body(table)
    owned = body is not None and table.access.owner_column is not None
    maker = "owner" if owned and rows.creates("stranger", table) == _SUCCESS["create"] else "ADMIN"
    people = _people(table, maker)
    sent = [] if body is None else [column for column in settable(table) if words.wire_name(column) in dict(body)]
    return Trial(
        body=None if body is None else tuple((literal(name), value) for name, value in body),
        problem=problem,
        maker=literal(maker),
        cases={call: literal({who: _answer(call, who, table, rows) for who in people}) for call in CALLS},
        seers=literal([who for who in people if _sees(who, maker, table)]),
        change=_names([column for column in sent if column in changeable(table) and column.references is None]),
        unseen=_names([column for column in sent if column.is_hidden]),
        refused=_names([column for column in table.columns if column not in settable(table)]),
        hidden=_names([column for column in table.columns if column.is_hidden]),
        closed=() if body is None else tuple(_closed(table, rows)),
    )


def _answer(call: str, who: str, table: Table, rows: _Rows) -> int:
    return rows.creates(who, table) if call == "create" else _status(call, who, table)


def _closed(table: Table, rows: _Rows) -> Iterator[tuple[Code, Code]]:
    if _status("create", "stranger", table) != _SUCCESS["create"]:
        return
    for column in settable(table):
        if column.references is None or rows.may_name_others("stranger", column.references):
            continue
        value = rows.others(column)
        if value is not None:
            yield literal(words.wire_name(column)), value


def _names(columns: list[Column]) -> Code | None:
    return literal([words.wire_name(column) for column in columns]) if columns else None


def _people(table: Table, maker: str) -> list[str]:
    rules = {rule for call in CALLS for rule in getattr(table.access, call)}
    roles = sorted({rule.name for rule in rules if rule.kind is RuleKind.ROLE and rule.name not in _PLAIN_ROLES})
    return ["nobody", "stranger", *(["owner"] if maker == "owner" else []), *roles, "ADMIN"]


def _sees(who: str, maker: str, table: Table) -> bool:
    is_answered = _status("list", who, table) == _SUCCESS["list"]
    return is_answered and (who == maker or not _is_limited("list", who, table))


def _is_let_in(call: str, who: str, table: Table) -> bool:
    """Whether the call lets somebody reach every row."""
    if who == "nobody":
        return RuleKind.PUBLIC in _kinds(call, table)
    return not _is_limited(call, who, table)


def _status(call: str, who: str, table: Table) -> int:
    kinds = _kinds(call, table)
    if RuleKind.PUBLIC in kinds:
        return _success(call, who, table)
    if who == "nobody":
        return 401
    if not _is_limited(call, who, table):
        return _success(call, who, table)
    if RuleKind.OWNER not in kinds:
        return 403
    return _success(call, who, table) if who == "owner" or call in ("list", "create") else 404


def _success(call: str, who: str, table: Table) -> int:
    """The status of a call that was made; whoever may change a row and not read it gets no row."""
    is_unseen = call == "update" and _status("read", who, table) != _SUCCESS["read"]
    return 204 if is_unseen else _SUCCESS[call]


def _is_limited(call: str, who: str, table: Table) -> bool:
    """Whether the call lets somebody who is signed in at most to their own rows."""
    kinds, role = _kinds(call, table), "USER" if who in ("owner", "stranger") else who
    named = {rule.name for rule in getattr(table.access, call) if rule.kind is RuleKind.ROLE}
    return not (kinds & {RuleKind.PUBLIC, RuleKind.AUTHENTICATED} or role == "ADMIN" or role in named)


def _kinds(call: str, table: Table) -> set[RuleKind]:
    return {rule.kind for rule in getattr(table.access, call)}


def _is_needed(column: Column) -> bool:
    return column.is_not_null and column.default_value is None and not column.is_updated_at


def _uniqueness(column: Column, table: Table) -> tuple[bool, bool]:
    """Whether no two rows have the same value there, and whether it is a part of what no two rows have the same of."""
    indexes = [index.columns for index in table.indexes if index.is_unique]
    groups = [tuple(key.name for key in table.key_columns), *indexes, *([(column.name,)] if column.is_unique else [])]
    return (column.name,) in groups, any(column.name in group for group in groups)


def _unknown_value(column: Column, table: Table) -> str:
    if column.references is not None:
        return f"no row that {table.name}.{column.name} refers to can be made"
    return f"no value for {table.name}.{column.name} is known; give the column an example that fits its pattern"
