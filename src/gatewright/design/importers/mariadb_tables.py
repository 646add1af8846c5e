"""The statements of MariaDB and MySQL that make and change tables, parsed by sqlglot."""

from __future__ import annotations

import logging
import re
from typing import Any

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import ParseError, TokenError, UnsupportedError

from gatewright.design.importers.found import FoundCheck, FoundColumn, FoundIndex, FoundKey, FoundTable
from gatewright.design.importers.imported import Notes, refuse
from gatewright.design.importers.mariadb_types import type_in_words
from gatewright.design.words import SQL_WORDS

_PLAIN_NAME = re.compile("[a-z_][a-z0-9_]*")
_ACTION = re.compile(r"ON (DELETE|UPDATE) (CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)")
_TYPES = ("POINT", "LINESTRING", "POLYGON", "MULTILINESTRING", "MULTIPOLYGON")


class _MariaDb(MySQL):
    """MySQL's language with the types that only MariaDB has, and the geometric ones."""

    class Tokenizer(MySQL.Tokenizer):
        KEYWORDS = {  # noqa: RUF012 (as the base class has it)
            **MySQL.Tokenizer.KEYWORDS,
            **dict.fromkeys(("INET4", "INET6"), TokenType.INET),
            **{name: TokenType[name] for name in _TYPES},
            **dict.fromkeys(("MULTIPOINT", "GEOMETRYCOLLECTION", "GEOMCOLLECTION"), TokenType.GEOMETRY),
        }


# What it has no word for, and which is about how rows are stored.
_STORAGE = re.compile(
    r"('(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`)"
    r"|\b(SRID\s+\d+|COMPRESSED(?:=\w+)?|WITH(?:OUT)?\s+SYSTEM\s+VERSIONING)(?!\w)",
    re.DOTALL | re.IGNORECASE,
)
# What it cannot parse is refused here, with the line.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def _parts(body: str, line: int) -> list[Any]:
    """The columns, keys and conditions of *body*, which begins at *line*."""
    try:
        parsed = sqlglot.parse_one(f"CREATE TABLE x ({body})", dialect=_MariaDb)
    except ParseError as error:
        fault = error.errors[0]
        near = " ".join(f"{fault['start_context'] or ''}{fault['highlight'] or ''}".split())[-60:]
        refuse(f"is not SQL of MariaDB that can be read, near {near}", line + (fault["line"] or 1) - 1)
    except RecursionError:
        refuse("is nested too deeply to be read", line)
    except TokenError:
        refuse("is not SQL of MariaDB that can be read", line)
    if not isinstance(parsed, exp.Create) or not isinstance(parsed.this, exp.Schema):
        refuse("is not SQL of MariaDB that can be read", line)
    return list(parsed.this.expressions)


def text_of(literal: str) -> str:
    """What a text between apostrophes says."""
    return str(sqlglot.parse_one(literal, dialect=_MariaDb).name)


class TableReader:
    """Fills one table from its parts."""

    def __init__(self, table: FoundTable, notes: Notes) -> None:
        self._table, self._notes = table, notes
        self._unsigned: set[str] = set()

    def take(self, body: str, line: int) -> None:
        """Take the columns, keys and conditions between the parentheses of a table.

        Args:
            line: Where *body* begins.

        Raises:
            DesignError: It cannot be parsed; with the line.
        """
        for match in _STORAGE.finditer(body):
            if match[2]:
                self._notes.add(self._table.shown, f"a design cannot hold {match[2].upper()}; it is left out")
        for part in _parts(_STORAGE.sub(lambda match: match[1] or "", body), line):
            if isinstance(part, exp.ColumnDef):
                self._column(part)
            elif isinstance(part, exp.Constraint):
                for each in part.expressions:
                    self._constraint(each, part.name)
            else:
                self._constraint(part, None)

    def finished(self) -> FoundTable:
        """The table, after all statements.

        Without the indexes that the server made for foreign keys, which a design has by itself. An unsigned column
        that counts up or references another has no limit of its own: it gets no other values.
        """
        table = self._table
        keys = {key.name for key in table.foreign_keys} - {None}
        single = {key.columns for key in table.foreign_keys if len(key.columns) == 1}
        table.indexes = [
            index
            for index in table.indexes
            if index.is_unique or (index.name not in keys and index.columns not in single)
        ]
        free = self._unsigned - {name for key in table.foreign_keys for name in key.columns}
        free -= {column.name for column in table.columns if column.is_identity}
        table.checks += [FoundCheck(f"{_named(name)} >= 0") for name in sorted(free)]
        return table

    def _column(self, node: exp.ColumnDef) -> None:
        column = FoundColumn(node.name, "")
        place = f"{self._table.shown}.{column.name}"
        kinds = [constraint.kind for constraint in node.constraints]
        known = next((i for i, other in enumerate(self._table.columns) if other.name == column.name), None)
        if known is None:
            self._table.columns.append(column)
        else:
            self._table.columns[known] = column  # Changed by ALTER TABLE … MODIFY.
        for kind in kinds:
            self._of_column(kind, column, place)
        self._type(
            node, column, place, has_collation=any(isinstance(kind, exp.CollateColumnConstraint) for kind in kinds)
        )

    def _type(self, node: exp.ColumnDef, column: FoundColumn, place: str, *, has_collation: bool) -> None:
        words = type_in_words(node.args["kind"].sql("mysql") if node.args.get("kind") else "")
        column.type = words.type
        if isinstance(node.kind, exp.DataType) and node.kind.this == exp.DataType.Type.ENUM:
            column.enum_values = tuple(str(value.this) for value in node.kind.expressions)
        is_valid = f"JSON_VALID({column.name})"
        for check in self._table.checks:
            if check.expression.replace('"', "") == is_valid and words.type == "text":
                self._table.checks.remove(check)
                column.type = "json"
                self._notes.add(place, "longtext with a check by json_valid is Json")
                break
        for note in words.notes:
            self._notes.add(place, note)
        if words.is_unsigned:
            self._unsigned.add(column.name)
        if has_collation and column.type != "json":
            self._notes.add(place, "a design cannot hold a collation; it is left out")

    def _of_column(self, kind: Any, column: FoundColumn, place: str) -> None:
        match kind:
            case exp.NotNullColumnConstraint():
                column.is_not_null = not kind.args.get("allow_null")
            case exp.DefaultColumnConstraint():
                column.default = _default(kind.this)
            case exp.AutoIncrementColumnConstraint():
                column.is_identity = True
            case exp.OnUpdateColumnConstraint():
                column.is_updated_at = True
            case exp.ComputedColumnConstraint():
                column.computed, column.is_stored = _sql(kind.this), bool(kind.args.get("persisted"))
            case exp.CommentColumnConstraint():
                column.comment = str(kind.this.this) or None
            case exp.CharacterSetColumnConstraint() | exp.CollateColumnConstraint():
                pass  # `_type` knows about those, since a Json has one as well.
            case _:
                self._of_table(kind, column, place)

    def _of_table(self, kind: Any, column: FoundColumn, place: str) -> None:
        """What is written at a column and is about the table."""
        match kind:
            case exp.PrimaryKeyColumnConstraint():
                self._table.key = (column.name,)
            case exp.UniqueColumnConstraint():
                self._table.indexes.append(FoundIndex((column.name,), is_unique=True))
            case exp.CheckColumnConstraint():
                self._table.checks.append(FoundCheck(_sql(kind.this)))
            case exp.Reference():
                self._foreign_key((column.name,), kind, None)
            case _:
                what = type(kind).__name__.removesuffix("ColumnConstraint").upper()
                self._notes.add(place, f"a design cannot hold {what}; it is left out")

    def _constraint(self, node: Any, name: str | None) -> None:
        match node:
            case exp.PrimaryKey():
                self._table.key = tuple(column.name for column in node.expressions)
            case exp.UniqueColumnConstraint():
                self._index(node.this.name or name, node.this.expressions, is_unique=True)
            case exp.IndexColumnConstraint() if node.args.get("kind"):
                self._leave_out(node.name, f"a {node.args['kind']} index")
            case exp.IndexColumnConstraint():
                self._index(node.name or name, node.expressions, is_unique=False)
            case exp.CheckColumnConstraint():
                self._table.checks.append(FoundCheck(_sql(node.this), _given(name)))
            case exp.ForeignKey():
                columns = tuple(column.name for column in node.expressions)
                self._foreign_key(columns, node.args["reference"], name)
            case _:
                self._leave_out(name or "a constraint", type(node).__name__)

    def _index(self, name: str | None, elements: list[Any], *, is_unique: bool) -> None:
        called = name or "an index"
        columns = [element.this if isinstance(element, exp.Ordered) else element for element in elements]
        if any(isinstance(column, exp.ColumnPrefix) for column in columns):
            self._leave_out(called, "an index over the beginning of a text")
        elif not all(isinstance(column, exp.Column | exp.Identifier) for column in columns):
            self._leave_out(called, "an index with an expression")
        else:
            if any(isinstance(element, exp.Ordered) and element.args.get("desc") for element in elements):
                self._notes.add(self._place(called), "a design cannot hold DESC; its index is ascending")
            names = tuple(str(column.name) for column in columns)
            self._table.indexes.append(FoundIndex(names, is_unique, name or None))

    def _foreign_key(self, columns: tuple[str, ...], reference: exp.Reference, name: str | None) -> None:
        target = reference.this
        to = tuple(column.name for column in target.expressions) if isinstance(target, exp.Schema) else ()
        table = target.this if isinstance(target, exp.Schema) else target
        actions = dict(_ACTION.findall(" ".join(map(str, reference.args.get("options") or ()))))
        # MariaDB checks at once in both cases, and does not write RESTRICT, which it does by itself.
        delete, update = actions.get("DELETE", "RESTRICT"), actions.get("UPDATE", "NO ACTION")
        self._table.foreign_keys.append(FoundKey(columns, (None, table.name), to, name or None, delete, update))

    def _leave_out(self, name: str, what: str) -> None:
        self._notes.add(self._place(name), f"is {what}, which a design cannot hold; it is left out")

    def _place(self, name: str) -> str:
        return f"{self._table.shown}.{name}"


def _default(node: Any) -> str:
    if isinstance(node, exp.BitString):
        return str(int(str(node.this), 2))
    return _sql(node)


def _sql(node: Any) -> str:
    """An expression in the words of PostgreSQL, with names in quotes only where they need them."""
    plain = node.copy()
    for name in plain.find_all(exp.Identifier):
        name.set("quoted", not _is_plain(name.name))
    try:
        return str(plain.sql("postgres"))
    except UnsupportedError:
        return str(node.sql("mysql"))


def _is_plain(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None and name not in SQL_WORDS


def _given(name: str | None) -> str | None:
    """The name of a condition, if it is not one that the server made."""
    return None if name is None or re.fullmatch(r"CONSTRAINT_\d+", name) else name


def _named(name: str) -> str:
    return name if _is_plain(name) else '"' + name.replace('"', '""') + '"'
