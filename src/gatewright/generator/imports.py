"""The names of imports in a generated module."""

from __future__ import annotations

from collections.abc import Collection

from gatewright.generator.literals import Code

_STANDARD = {
    "builtins": "import builtins",
    "datetime": "import datetime",
    "decimal": "import decimal",
    "typing": "import typing",
    "uuid": "import uuid",
}
_THIRD_PARTY = {
    "pydantic": "import pydantic",
    "sa": "import sqlalchemy as sa",
    "postgresql": "from sqlalchemy.dialects import postgresql",
    "crud": "from gatewright import crud",
    "orm": "from sqlalchemy import orm",
}
_BUILTINS = frozenset({"bool", "bytes", "float", "int", "list", "str"})


class Imports:
    """What one module imports; collected while its code is made.

    Args:
        taken: Names that the module's classes use for something else, such as a column called `date`. An import of
            such a name gets an underscore behind it, which no name in a design can have.
    """

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = taken
        self._used: set[str] = set()

    def __call__(self, module: str) -> str:
        """The name of *module* here."""
        self._used.add(module)
        return f"{module}_" if module in self._taken else module

    def type(self, name: str) -> str:
        """How the type called *name* (`datetime.date`, `str`) is written here."""
        module, _, member = name.rpartition(".")
        if module:
            return f"{self(module)}.{member}"
        return f"{self('builtins')}.{name}" if name in _BUILTINS and name in self._taken else name

    @property
    def standard(self) -> tuple[Code, ...]:
        """The statements that import from the standard library, in their order."""
        return self._lines(_STANDARD)

    @property
    def third_party(self) -> tuple[Code, ...]:
        """The statements that import from elsewhere, in their order."""
        return self._lines(_THIRD_PARTY)

    def _lines(self, known: dict[str, str]) -> tuple[Code, ...]:
        return tuple(Code(self._line(name, text)) for name, text in known.items() if name in self._used)

    def _line(self, name: str, text: str) -> str:
        return text if name not in self._taken else f"{text.removesuffix(f' as {name}')} as {name}_"
