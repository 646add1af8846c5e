"""Kinds of values in a design document: how each is read, and what the JSON Schema says of it.

The classes of `document.py` name the kind of each attribute. Reading, canonical writing, the JSON Schema and the
reference page follow from that one declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, fields, replace
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, get_type_hints

from gatewright.design.problems import Problems, quoted, step

MAX_NAME = 63
MAX_TEXT = 10_000

Schema = dict[str, Any]


class Kind(Protocol):
    """What the value of a key may be."""

    @property
    def placeholder(self) -> object:
        """The value in place of one that is missing or wrong, so that the rest can still be read and checked."""

    def read(self, raw: object, path: str, reader: Reader) -> object:
        """The value of *raw*, at *path*.

        Raises:
            WrongValue: It has none; the reader has noted the problem.
        """

    def schema(self) -> Schema:
        """The kind in the words of JSON Schema."""


class WrongValue(Exception):
    """A value is not of its kind. The problem has been noted."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object of the document; the metadata of an attribute.

    Attributes:
        kind: What the value may be.
        description: For the JSON Schema and the reference page.
        name: As it is written; by default the attribute's name in camelCase.
        field: The attribute.
        engine_only: Known in the engine's fragments and in snapshots, not in a document.
        always: Written even when the value is the default.
        default: The attribute's default.
        required: Whether the document has to have the key.
    """

    kind: Kind
    description: str
    name: str = ""
    field: str = ""
    engine_only: bool = False
    always: bool = False
    default: object = None
    required: bool = False


@cache
def keys_of(made_of: type) -> tuple[Key, ...]:
    """The keys of an object of the document, in the order in which they are written.

    Args:
        made_of: A dataclass whose attributes are `Annotated` with a `Key`, but for those that follow from others.
    """
    hints = get_type_hints(made_of, include_extras=True)
    return tuple(_key_of(field, hints[field.name].__metadata__[0]) for field in fields(made_of) if field.init)


def _key_of(field: Field[Any], key: Key) -> Key:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    first, *others = field.name.split("_")
    return replace(
        key,
        name=key.name or first + "".join(word.capitalize() for word in others),
        field=field.name,
        default=default,
        required=default is MISSING,
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the parts of a document and notes what is wrong with them.

    What is wrong with a key is noted and the key passed over. `checks/` leaves places alone where something was found.

    Attributes:
        settle: Completes the attributes of a part, once all are read.
        engine: Whether keys are allowed that only the engine's fragments and snapshots have.
    """

    problems: Problems
    settle: Callable[[type, dict[str, Any], str, Problems], None]
    engine: bool = False

    def part(self, made_of: type, raw: object, path: str) -> Any:
        """The object at *path*, as an instance of *made_of*."""
        values = self._values(raw, keys_of(made_of), path)
        self.settle(made_of, values, path, self.problems)
        return made_of(**values)

    def refuse(self, path: str, message: str, near: str | None = None, among: Iterable[str] = ()) -> WrongValue:
        """Note a problem, and make the exception to raise."""
        self.problems.add(path, message, near=near, among=among)
        return WrongValue()

    def _values(self, raw: object, keys: tuple[Key, ...], path: str) -> dict[str, Any]:
        values = {key.field: key.kind.placeholder for key in keys if key.required}
        if not isinstance(raw, Mapping):
            self.problems.add(path, f"must be an object, not {quoted(raw)}")
            return values
        known = {key.name: key for key in keys if self.engine or not key.engine_only}
        for name in raw:
            if name not in known:
                self.problems.add(step(path, str(name)), "unknown key", near=str(name), among=known)
        for key in known.values():
            if key.name in raw:
                with suppress(WrongValue):
                    values[key.field] = key.kind.read(raw[key.name], step(path, key.name), self)
            elif key.required:
                self.problems.add(step(path, key.name), "is missing")
        return values


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """`true` or `false`."""

    placeholder = False

    def read(self, raw: object, path: str, reader: Reader) -> bool:
        if isinstance(raw, bool):
            return raw
        raise reader.refuse(path, f"must be true or false, not {quoted(raw)}")

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Count(Kind):
    """A whole number, 0 or greater."""

    placeholder = 0

    def read(self, raw: object, path: str, reader: Reader) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 2**31:
            return raw
        raise reader.refuse(path, f"must be a whole number, 0 or greater, not {quoted(raw)}")

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A finite number."""

    placeholder = 0

    def read(self, raw: object, path: str, reader: Reader) -> int | float:
        if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) <= 1.7e308:
            return raw
        raise reader.refuse(path, f"must be a number, not {quoted(raw)}")

    def schema(self) -> Schema:
        return {"type": "number"}


@dataclass(frozen=True, slots=True)
class Constant(Kind):
    """One number: the version of the format."""

    number: int

    @property
    def placeholder(self) -> int:
        return self.number

    def read(self, raw: object, path: str, reader: Reader) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and raw == self.number:
            return raw
        raise reader.refuse(path, f"this version of Gatewright reads version {self.number}, not {quoted(raw)}")

    def schema(self) -> Schema:
        return {"const": self.number}


@dataclass(frozen=True, slots=True)
class Value(Kind):
    """A literal, whose form depends on the type of its column: `Reader.settle` completes it."""

    placeholder = None

    def read(self, raw: object, path: str, reader: Reader) -> object:
        if raw is not None:
            return raw
        raise reader.refuse(path, "null has no meaning here; leave the key out")

    def schema(self) -> Schema:
        return {"not": {"type": "null"}}


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Any text."""

    placeholder = ""

    def read(self, raw: object, path: str, reader: Reader) -> str:
        if not isinstance(raw, str):
            raise reader.refuse(path, f"must be a string, not {quoted(raw)}")
        if len(raw) > MAX_TEXT:
            raise reader.refuse(path, f"is longer than {MAX_TEXT} characters")
        return raw

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": MAX_TEXT}


@dataclass(frozen=True, slots=True)
class Pattern(Kind):
    """A text of at most *longest* characters that matches *pattern* as a whole.

    Attributes:
        what: Such a text in a word.
        rule: The pattern in words.
    """

    what: str
    pattern: str
    rule: str
    longest: int = MAX_NAME
    placeholder = ""

    def read(self, raw: object, path: str, reader: Reader) -> str:
        text = TEXT.read(raw, path, reader)
        if len(text) <= self.longest and re.fullmatch(self.pattern, text):
            return text
        raise reader.refuse(path, f"{quoted(text)} is not {self.rule}")

    def schema(self) -> Schema:
        return {"type": "string", "pattern": self.pattern, "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of the values of an enumeration.

    Attributes:
        what: One value in words.
    """

    values: type[StrEnum]
    what: str

    @property
    def placeholder(self) -> StrEnum:
        return next(iter(self.values))

    def read(self, raw: object, path: str, reader: Reader) -> StrEnum:
        text = TEXT.read(raw, path, reader)
        if text in tuple(self.values):
            return self.values(text)
        raise reader.refuse(path, f"no {self.what} {quoted(text)}", near=text, among=list(self.values))

    def schema(self) -> Schema:
        return {"enum": [str(value) for value in self.values]}


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """A list whose items are of one kind. Wrong items are left out, unless they have placeholders of their own."""

    item: Kind
    placeholder = ()

    def read(self, raw: object, path: str, reader: Reader) -> tuple[Any, ...]:
        if not isinstance(raw, list | tuple):
            raise reader.refuse(path, f"must be a list, not {quoted(raw)}")
        items = []
        for i, item in enumerate(raw):
            with suppress(WrongValue):
                items.append(self.item.read(item, f"{path}[{i}]", reader))
        return tuple(items)

    def schema(self) -> Schema:
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Part(Kind):
    """An object of the document.

    Attributes:
        short: The attribute that a plain text sets; the others have their defaults.
    """

    made_of: type
    short: str = ""
    placeholder = None

    def read(self, raw: object, path: str, reader: Reader) -> object:
        if self.short and isinstance(raw, str):
            return self.made_of(**{self.short: self._short_key().kind.read(raw, path, reader)})
        return reader.part(self.made_of, raw, path)

    def schema(self) -> Schema:
        whole = {"$ref": f"#/$defs/{definition_name(self.made_of)}"}
        return {"anyOf": [self._short_key().kind.schema(), whole]} if self.short else whole

    def _short_key(self) -> Key:
        return next(key for key in keys_of(self.made_of) if key.field == self.short)


def definition_name(made_of: type) -> str:
    """The name of a part in the JSON Schema: `ForeignKey` as `foreignKey`."""
    return made_of.__name__[0].lower() + made_of.__name__[1:]


def parts_within(made_of: type) -> Iterator[type]:
    """The classes of the objects below an object of the document, each once."""
    seen = {made_of}
    waiting = [made_of]
    while waiting:
        for key in keys_of(waiting.pop()):
            kind = key.kind.item if isinstance(key.kind, ListOf) else key.kind
            if isinstance(kind, Part) and kind.made_of not in seen:
                seen.add(kind.made_of)
                waiting.append(kind.made_of)
                yield kind.made_of


FLAG = Flag()
COUNT = Count()
NUMBER = Number()
TEXT = Text()
VALUE = Value()
NAME = Pattern(
    "name",
    "^[A-Za-z](_?[A-Za-z0-9])*$",
    f"a name: a letter first, then letters, digits and single underscores, {MAX_NAME} at most",
)
ID = Pattern("id", "^[A-Za-z](_?[A-Za-z0-9])*(-[0-9]+)?$", "an id: a name, optionally followed by - and a number")
DATABASE_NAME = Pattern(
    "database name",
    r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$",
    f"a name for the database: 1 to {MAX_NAME} characters, no control characters",
)
DATABASE_TYPE = Pattern(
    "database type",
    r"^[A-Za-z][A-Za-z0-9_ ]*(\([0-9]+(, ?[0-9]+)?\))?[A-Za-z ]*(\[\])?$",
    "a type of a database, such as varchar(40)",
)
COLUMN_PATH = Pattern(
    "name of a column",
    "^[A-Za-z](_?[A-Za-z0-9])*(\\.[A-Za-z](_?[A-Za-z0-9])*)?$",
    "a column, or a relation and a column of its table: post.authorId",
    2 * MAX_NAME + 1,
)
