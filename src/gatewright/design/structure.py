"""From raw JSON values to the typed objects: keys, kinds of values, nothing yet of what fits together.

What is wrong with a key is noted and the key passed over, so that the rest can still be read and checked. Where a key
that must be there is missing or wrong, a placeholder stands in for it; `checks/` leaves places alone where something
was found before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from gatewright.design import vocabulary
from gatewright.design.document import (
    Access,
    Column,
    ColumnType,
    Design,
    Index,
    OnDelete,
    Reference,
    Relationship,
    RelationshipType,
    Rule,
    RuleKind,
    Table,
)
from gatewright.design.problems import Problems, quoted, step
from gatewright.design.values import default_of, literal_of
from gatewright.design.vocabulary import Key, Kind

_Made = TypeVar("_Made")

_PLACEHOLDERS: dict[Kind, object] = {
    Kind.NAME: "",
    Kind.NAMES: (),
    Kind.TYPE: ColumnType.STRING,
    Kind.RELATIONSHIP_TYPE: RelationshipType.ONE_TO_MANY,
    Kind.COLUMNS: (),
    Kind.TABLES: (),
}
_RULES = ("none", "public", "authenticated", "owner", "role:ADMIN", "permission:NAME")


class _Wrong(Exception):
    """The value is not of its kind. The problem has been noted."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Reads the parts of a document and notes what is wrong with them.

    Attributes:
        engine: Whether keys are taken that only the engine's fragments and snapshots have.
    """

    problems: Problems
    engine: bool = False

    def design(self, raw: object) -> Design:
        """The design of a whole document."""
        return Design(**self._fields(raw, vocabulary.DOCUMENT, "") | _no_schema(raw))

    def table(self, raw: object, path: str) -> Table:
        """The table of the object at *path*."""
        fields = self._fields(raw, vocabulary.TABLE, path)
        self._settle(fields, "example", ColumnType.JSON, path, literal_of)
        return Table(**fields)

    def column(self, raw: object, path: str) -> Column:
        """The column of the object at *path*."""
        fields = self._fields(raw, vocabulary.COLUMN, path)
        self._settle(fields, "default_value", fields["type"], path, default_of)
        self._settle(fields, "example", fields["type"], path, literal_of)
        return Column(**fields)

    def _settle(
        self,
        fields: dict[str, Any],
        field: str,
        column_type: ColumnType,
        path: str,
        settle: Callable[[object, ColumnType], object],
    ) -> None:
        """Make a literal of the type's own form out of what was read for *field*."""
        if field not in fields:
            return
        raw = fields.pop(field)
        if self.problems.touch(f"{path}.type"):
            return
        try:
            fields[field] = settle(raw, column_type)
        except ValueError as error:
            self.problems.add(step(path, "defaultValue" if field == "default_value" else field), str(error))

    def _fields(self, raw: object, keys: Sequence[Key], path: str) -> dict[str, Any]:
        """What the object at *path* says, by attribute."""
        fields = {key.field: _PLACEHOLDERS[key.kind] for key in keys if key.required}
        if not isinstance(raw, Mapping):
            self.problems.add(path, f"must be an object, not {quoted(raw)}")
            return fields
        known = {key.name: key for key in keys if self.engine or not key.engine_only}
        for name in raw:
            if name not in known:
                self.problems.add(step(path, str(name)), "unknown key", near=str(name), among=known)
        for key in known.values():
            if key.name in raw:
                with suppress(_Wrong):
                    fields[key.field] = _READERS[key.kind](self, raw[key.name], step(path, key.name))
            elif key.required:
                self.problems.add(step(path, key.name), "is missing")
        return fields

    def _wrong(self, path: str, message: str, near: str | None = None, among: Iterable[str] = ()) -> _Wrong:
        self.problems.add(path, message, near=near, among=among)
        return _Wrong()

    def _flag(self, raw: object, path: str) -> bool:
        if isinstance(raw, bool):
            return raw
        raise self._wrong(path, f"must be true or false, not {quoted(raw)}")

    def _count(self, raw: object, path: str) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 2**31:
            return raw
        raise self._wrong(path, f"must be a whole number, 0 or greater, not {quoted(raw)}")

    def _number(self, raw: object, path: str) -> int | float:
        if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= 1.7e308:
            return raw
        raise self._wrong(path, f"must be a number, not {quoted(raw)}")

    def _value(self, raw: object, path: str) -> object:
        if raw is not None:
            return raw
        raise self._wrong(path, "null has no meaning here; leave the key out")

    def _version(self, raw: object, path: str) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and raw == vocabulary.VERSION:
            return raw
        raise self._wrong(path, f"this version of Gatewright reads version {vocabulary.VERSION}, not {quoted(raw)}")

    def _text(self, raw: object, path: str) -> str:
        if not isinstance(raw, str):
            raise self._wrong(path, f"must be a string, not {quoted(raw)}")
        if len(raw) > vocabulary.MAX_TEXT:
            raise self._wrong(path, f"is longer than {vocabulary.MAX_TEXT} characters")
        return raw

    def _matching(self, raw: object, path: str, pattern: str, rule: str) -> str:
        text = self._text(raw, path)
        if len(text) <= vocabulary.MAX_NAME and re.fullmatch(pattern, text):
            return text
        raise self._wrong(path, f"{quoted(text)} is not {rule}")

    def _name(self, raw: object, path: str) -> str:
        rule = f"a name: a letter first, then letters, digits and single underscores, {vocabulary.MAX_NAME} at most"
        return self._matching(raw, path, vocabulary.NAME_PATTERN, rule)

    def _id(self, raw: object, path: str) -> str:
        return self._matching(raw, path, vocabulary.ID_PATTERN, "an id: a name, optionally followed by - and a number")

    def _database_name(self, raw: object, path: str) -> str:
        rule = f"a name for the database: letters, digits and underscores, {vocabulary.MAX_NAME} at most"
        return self._matching(raw, path, vocabulary.DATABASE_NAME_PATTERN, rule)

    def _database_type(self, raw: object, path: str) -> str:
        rule = "a type of a database, such as varchar(40)"
        return self._matching(raw, path, vocabulary.DATABASE_TYPE_PATTERN, rule)

    def _choice(self, raw: object, path: str, choices: type[StrEnum]) -> Any:
        text = self._text(raw, path)
        if text in tuple(choices):
            return choices(text)
        raise self._wrong(path, f"no {_CHOICE_NAMES[choices]} {quoted(text)}", near=text, among=list(choices))

    def _type(self, raw: object, path: str) -> ColumnType:
        return self._choice(raw, path, ColumnType)  # type: ignore[no-any-return]

    def _action(self, raw: object, path: str) -> OnDelete:
        return self._choice(raw, path, OnDelete)  # type: ignore[no-any-return]

    def _relationship_type(self, raw: object, path: str) -> RelationshipType:
        return self._choice(raw, path, RelationshipType)  # type: ignore[no-any-return]

    def _list(self, raw: object, path: str, read: Callable[[object, str], _Made]) -> tuple[_Made, ...]:
        """Each item by *read*; items that were wrong are left out, unless *read* puts a placeholder in their place."""
        if not isinstance(raw, list | tuple):
            raise self._wrong(path, f"must be a list, not {quoted(raw)}")
        items = []
        for i, item in enumerate(raw):
            try:
                items.append(read(item, f"{path}[{i}]"))
            except _Wrong:
                continue
        return tuple(items)

    def _names(self, raw: object, path: str) -> tuple[str, ...]:
        return self._list(raw, path, self._name)

    def _texts(self, raw: object, path: str) -> tuple[str, ...]:
        return self._list(raw, path, self._text)

    def _tables(self, raw: object, path: str) -> tuple[Table, ...]:
        return self._list(raw, path, self.table)

    def _columns(self, raw: object, path: str) -> tuple[Column, ...]:
        return self._list(raw, path, self.column)

    def _indexes(self, raw: object, path: str) -> tuple[Index, ...]:
        return self._list(raw, path, lambda item, at: Index(**self._fields(item, vocabulary.INDEX, at)))

    def _relationships(self, raw: object, path: str) -> tuple[Relationship, ...]:
        return self._list(raw, path, lambda item, at: Relationship(**self._fields(item, vocabulary.RELATIONSHIP, at)))

    def _access(self, raw: object, path: str) -> Access:
        return Access(**self._fields(raw, vocabulary.ACCESS, path))

    def _reference(self, raw: object, path: str) -> Reference:
        if isinstance(raw, str):
            return Reference(self._name(raw, path))
        return Reference(**self._fields(raw, vocabulary.REFERENCE, path))

    def _rules(self, raw: object, path: str) -> tuple[Rule, ...]:
        if isinstance(raw, str):
            raw = [raw]
            rules = self._list(raw, path, lambda item, _: self._rule(item, path))
        else:
            rules = self._list(raw, path, self._rule)
        if None in rules and len(rules) > 1:
            raise self._wrong(path, '"none" cannot be combined with other rules; leave one of them out')
        if len(set(rules)) < len(rules):
            raise self._wrong(path, "lists a rule twice")
        return tuple(rule for rule in rules if rule is not None)

    def _rule(self, raw: object, path: str) -> Rule | None:
        """The rule of a text; `None` for "none"."""
        text = self._text(raw, path)
        if len(text) > 2 * vocabulary.MAX_NAME or not re.fullmatch(vocabulary.RULE_PATTERN, text):
            message = f"no rule {quoted(text)}; use none, public, authenticated, owner, role:NAME or permission:NAME"
            raise self._wrong(path, message, near=text, among=[f"role:{text}", *_RULES])
        kind, _, name = text.partition(":")
        return None if kind == "none" else Rule(RuleKind(kind), name)


def _no_schema(raw: object) -> dict[str, str | None]:
    """A document without `$schema` is kept without one."""
    return {} if isinstance(raw, Mapping) and "$schema" in raw else {"schema": None}


_CHOICE_NAMES: dict[type[StrEnum], str] = {
    ColumnType: "type",
    OnDelete: "action",
    RelationshipType: "relationship type",
}

_READERS: dict[Kind, Callable[[Structure, object, str], object]] = {
    Kind.ACCESS: Structure._access,
    Kind.ACTION: Structure._action,
    Kind.COLUMNS: Structure._columns,
    Kind.COUNT: Structure._count,
    Kind.DATABASE_NAME: Structure._database_name,
    Kind.DATABASE_TYPE: Structure._database_type,
    Kind.FLAG: Structure._flag,
    Kind.ID: Structure._id,
    Kind.INDEXES: Structure._indexes,
    Kind.NAME: Structure._name,
    Kind.NAMES: Structure._names,
    Kind.NUMBER: Structure._number,
    Kind.REFERENCE: Structure._reference,
    Kind.RELATIONSHIP_TYPE: Structure._relationship_type,
    Kind.RELATIONSHIPS: Structure._relationships,
    Kind.RULES: Structure._rules,
    Kind.TABLES: Structure._tables,
    Kind.TEXT: Structure._text,
    Kind.TEXTS: Structure._texts,
    Kind.TYPE: Structure._type,
    Kind.VALUE: Structure._value,
    Kind.VERSION: Structure._version,
}
