"""DBML, the language of dbdiagram.io, as its tools write it in 2026.

Written here because pydbml, the reader on PyPI, refuses much that the official parser takes: `default: -1`, checks,
partials, records, optional ends of references.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gatewright.design.document import Design
from gatewright.design.importers.building import build
from gatewright.design.importers.dbml_tokens import Token, Tokens
from gatewright.design.importers.draft import (
    Draft,
    DraftCheck,
    DraftColumn,
    DraftDefault,
    DraftIndex,
    DraftKey,
    DraftTable,
)
from gatewright.design.importers.imported import Imported, SourceFile

_ACTIONS = {
    "cascade": "cascade",
    "restrict": "restrict",
    "set null": "setNull",
    "set default": "setDefault",
    "no action": "noAction",
}
_RELATION = re.compile(r"\??(<>|<|>|-)\??")
# Blocks that say nothing about the database, and what their names are in the notes.
_PASSED_OVER = {"project": "", "tablegroup": "", "note": "", "diagramview": "", "records": "records", "dep": ""}

Settings = dict[str, list[Token]]
End = tuple[tuple[str | None, str], tuple[str, ...]]


def read_dbml(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of DBML.

    Raises:
        DesignError: The text is not DBML; the message names the line.
    """
    return build(_Reader(files[0].text).draft(), known)


@dataclass(slots=True)
class _Ref:
    left: End
    relation: str
    right: End
    settings: Settings
    name: str | None = None


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self.tokens = Tokens(text)
        self.result = Draft()
        self.enums: dict[str, tuple[str, ...]] = {}
        self.partials: dict[str, DraftTable] = {}
        self.aliases: dict[str, tuple[str | None, str]] = {}
        self.used: list[tuple[DraftTable, str, Token]] = []
        self.refs: list[_Ref] = []

    def draft(self) -> Draft:
        elements: dict[str, Callable[[], None]] = {
            "enum": self._enum,
            "table": self._table,
            "tablepartial": self._partial,
            "ref": self._ref,
        }
        while self.tokens.now.kind != "end":
            word = self.tokens.take("word").text.lower()
            if word in elements:
                elements[word]()
            elif word in _PASSED_OVER:
                self._pass_over(word)
            elif word in ("use", "reuse"):
                self.tokens.fail("other files are not read; put all tables into one file", self.tokens.before)
            else:
                self.tokens.fail(f'"{word}" begins nothing in DBML', self.tokens.before)
        self._settle()
        return self.result

    def _pass_over(self, word: str) -> None:
        while not self.tokens.is_mark("{"):
            if self.tokens.now.kind == "end" or (word == "dep" and self.tokens.now.begins_line):
                break
            self.tokens.advance()
        if self.tokens.is_mark("{"):
            self.tokens.skip_block()
        if _PASSED_OVER[word]:
            self.result.note("Rows (Records) are not imported.")

    def _enum(self) -> None:
        name = ".".join(part for part in self._place() if part is not None)
        values: list[str] = []
        self.tokens.mark("{")
        while not self.tokens.is_mark("}"):
            values.append(self.tokens.name())
            self._settings()
        self.tokens.mark("}")
        self.enums[name] = tuple(values)

    def _table(self) -> None:
        begin = self.tokens.now
        schema, name = self._place()
        table = DraftTable(name=name, schema=None if schema == "public" else schema)
        if self.result.table(table.place) is not None:
            self.tokens.fail(f'there are two tables "{name}"', begin)
        if self.tokens.is_word("as"):
            self.tokens.advance()
            self.aliases[self.tokens.name()] = table.place
        table.comment = self._note_in(self._settings())
        self._body(table)
        self.result.tables.append(table)

    def _partial(self) -> None:
        table = DraftTable(name=self.tokens.name())
        self._settings()
        self._body(table)
        self.partials[table.name] = table

    def _body(self, table: DraftTable) -> None:
        self.tokens.mark("{")
        while not self.tokens.is_mark("}"):
            if self.tokens.is_mark("~"):
                self.tokens.advance()
                self.used.append((table, self.tokens.name(), self.tokens.before))
            elif self.tokens.is_word("indexes") and self.tokens.next_is("{"):
                self._lines(lambda: self._index(table))
            elif self.tokens.is_word("checks") and self.tokens.next_is("{"):
                self._lines(lambda: self._check(table))
            elif self.tokens.is_word("note") and (self.tokens.next_is(":") or self.tokens.next_is("{")):
                table.comment = self._note()
            else:
                self._column(table)
        self.tokens.mark("}")

    def _lines(self, read: Callable[[], None]) -> None:
        self.tokens.advance()
        self.tokens.mark("{")
        while not self.tokens.is_mark("}"):
            read()
        self.tokens.mark("}")

    def _note(self) -> str:
        self.tokens.advance()
        if self.tokens.is_mark(":"):
            self.tokens.advance()
            return self.tokens.take("text").text
        self.tokens.mark("{")
        text = self.tokens.take("text").text
        self.tokens.mark("}")
        return text

    def _column(self, table: DraftTable) -> None:
        begin = self.tokens.now
        column = DraftColumn(name=self.tokens.name(), type=self._type())
        if table.column(column.name) is not None:
            self.tokens.fail(f'there are two columns "{column.name}"', begin)
        settings = self._settings()
        column.is_key = "pk" in settings or "primary key" in settings
        column.is_not_null = "not null" in settings or column.is_key
        column.is_unique = "unique" in settings
        column.is_counted = "increment" in settings
        column.comment = self._note_in(settings)
        if "default" in settings:
            column.default = self._default(settings["default"])
        if "check" in settings:
            table.checks.append(DraftCheck(expression=settings["check"][0].text))
        table.columns.append(column)
        if "ref" in settings:
            self._inline_ref(table, column, settings["ref"])

    def _type(self) -> str:
        token = self.tokens.now
        if token.begins_line:
            self.tokens.fail("the column has no type", self.tokens.before)
        parts = [self.tokens.name()]
        while self.tokens.is_mark("."):
            self.tokens.advance()
            parts.append(self.tokens.name())
        text = ".".join(parts)
        if self.tokens.is_mark("("):
            text += self.tokens.bracketed()
        if self.tokens.is_mark("[") and not self.tokens.now.is_spaced and self.tokens.next_is("]"):
            self.tokens.advance()
            self.tokens.advance()
            text += "[]"
        return text

    def _default(self, tokens: list[Token]) -> DraftDefault | None:
        if not tokens:
            return None
        text = "".join(token.text for token in tokens)
        kind = tokens[0].kind
        if kind == "expression":
            return DraftDefault(tokens[0].text, is_expression=True)
        if kind == "text":
            return DraftDefault(tokens[0].text, is_expression=False)
        if text.lower() in ("null", "true", "false"):
            return DraftDefault(text.lower(), is_expression=True)
        # A number, or the value of an enum: `archive.status.active`.
        return DraftDefault(text if kind in ("number", "mark") else tokens[-1].text, is_expression=False)

    def _index(self, table: DraftTable) -> None:
        begin = self.tokens.now
        names, is_plain = [], True
        for token in self._index_columns():
            names.append(token.text)
            is_plain = is_plain and token.kind != "expression"
        settings = self._settings()
        if not is_plain:
            self.result.note(f"{table.name}: the index on {', '.join(names)} is left out: it is on an expression.")
            return
        missing = [name for name in names if table.column(name) is None]
        if missing and not any(used is table for used, _, _ in self.used):
            self.tokens.fail(f'there is no column "{missing[0]}"', begin)
        name = settings["name"][0].text if settings.get("name") else None
        table.indexes.append(
            DraftIndex(columns=tuple(names), name=name, is_unique="unique" in settings, is_key="pk" in settings)
        )
        if settings.get("type") and settings["type"][0].text.lower() != "btree":
            kind = settings["type"][0].text
            self.result.note(f"{table.name}: the index on {', '.join(names)} is a plain one, without type: {kind}.")

    def _index_columns(self) -> list[Token]:
        if not self.tokens.is_mark("("):
            return [self.tokens.name_or_expression()]
        self.tokens.mark("(")
        found = [self.tokens.name_or_expression()]
        while self.tokens.is_mark(","):
            self.tokens.advance()
            found.append(self.tokens.name_or_expression())
        self.tokens.mark(")")
        return found

    def _check(self, table: DraftTable) -> None:
        expression = self.tokens.take("expression").text
        settings = self._settings()
        name = settings["name"][0].text if settings.get("name") else None
        table.checks.append(DraftCheck(expression=expression, name=name))

    def _settings(self) -> Settings:
        """What stands in brackets; each setting with the tokens behind its colon."""
        found: Settings = {}
        while self.tokens.is_mark("[") and not self.tokens.now.begins_line:
            self.tokens.mark("[")
            while not self.tokens.is_mark("]"):
                name = self._setting_name()
                values = self._setting_value() if self.tokens.is_mark(":") else []
                found.setdefault(name, values)
                if not self.tokens.is_mark("]"):
                    self.tokens.mark(",")
            self.tokens.mark("]")
        return found

    def _setting_name(self) -> str:
        words = [self.tokens.name()]
        while self.tokens.now.kind == "word":
            words.append(self.tokens.name())
        return " ".join(words).lower()

    def _setting_value(self) -> list[Token]:
        self.tokens.mark(":")
        found: list[Token] = []
        depth = 0
        while depth or not (self.tokens.is_mark(",") or self.tokens.is_mark("]")):
            if self.tokens.now.kind == "end":
                self.tokens.fail('"]" is missing', self.tokens.now)
            depth += self.tokens.is_mark("(") - self.tokens.is_mark(")")
            found.append(self.tokens.now)
            self.tokens.advance()
        return found

    def _note_in(self, settings: Settings) -> str | None:
        values = settings.get("note")
        return values[0].text if values else None

    def _place(self) -> tuple[str | None, str]:
        name = self.tokens.name()
        if not self.tokens.is_mark("."):
            return None, name
        self.tokens.advance()
        return name, self.tokens.name()

    def _ref(self) -> None:
        name = None
        if not self.tokens.is_mark(":") and not self.tokens.is_mark("{"):
            name = self.tokens.name()
        is_block = self.tokens.is_mark("{")
        self.tokens.mark("{" if is_block else ":")
        self._ref_line(name)
        while is_block and not self.tokens.is_mark("}"):
            self._ref_line(None)
        if is_block:
            self.tokens.mark("}")

    def _ref_line(self, name: str | None) -> None:
        left = self._end()
        relation = self._relation()
        right = self._end()
        self.refs.append(_Ref(left, relation, right, self._settings(), name))

    def _relation(self) -> str:
        begin, text = self.tokens.now, ""
        while self.tokens.now.kind == "mark" and self.tokens.now.text in "<>?-":
            text += self.tokens.now.text
            self.tokens.advance()
        if not _RELATION.fullmatch(text):
            self.tokens.fail("a relation was expected: <, >, - or <>", begin)
        return text.strip("?")

    def _end(self) -> End:
        parts: list[str] = [self.tokens.name()]
        while self.tokens.is_mark("."):
            self.tokens.advance()
            if self.tokens.is_mark("("):
                columns = tuple(token.text for token in self._index_columns())
                return self._target(parts), columns
            parts.append(self.tokens.name())
        if len(parts) == 1:
            self.tokens.fail("a column was expected: table.column", self.tokens.before)
        return self._target(parts[:-1]), (parts[-1],)

    def _target(self, parts: list[str]) -> tuple[str | None, str]:
        schema = parts[-2] if len(parts) > 1 else None
        return None if schema == "public" else schema, parts[-1]

    def _inline_ref(self, table: DraftTable, column: DraftColumn, tokens: list[Token]) -> None:
        marks = [token for token in tokens if token.kind == "mark" and token.text in "<>?-"]
        parts = [token.text for token in tokens if token.kind in ("word", "name")]
        relation = "".join(token.text for token in marks).strip("?")
        if len(parts) < 2 or not _RELATION.fullmatch(relation):
            self.tokens.fail("a reference was expected: > table.column", tokens[0] if tokens else self.tokens.before)
        left: End = (table.place, (column.name,))
        # Of one to one, the side with the setting refers to the other.
        relation = ">" if relation == "-" else relation
        self.refs.append(_Ref(left, relation, (self._target(parts[:-1]), (parts[-1],)), {}))

    def _settle(self) -> None:
        """What needs all of the text: partials, enums, references."""
        for table, name, token in self.used:
            if name not in self.partials:
                self.tokens.fail(f'there is no TablePartial "{name}"', token)
            partial = self.partials[name]
            own = {column.name for column in table.columns}
            table.columns += [replace(column) for column in partial.columns if column.name not in own]
            table.indexes += partial.indexes
            table.checks += partial.checks
        for table in self.result.tables:
            for column in table.columns:
                column.enum_values = self.enums.get(column.type.removeprefix("public."), ())
        for ref in self.refs:
            self._add_ref(ref)

    def _add_ref(self, ref: _Ref) -> None:
        left, right = self._resolved(ref.left), self._resolved(ref.right)
        if ref.relation == "<>":
            self._add_join_table(left, right)
            return
        child, parent = (left, right) if self._is_left_child(ref.relation, left, right) else (right, left)
        table = self.result.table(child[0])
        if table is None:
            self.result.note(f"A reference of {child[0][1]} is left out: there is no such table.")
            return
        table.foreign_keys.append(
            DraftKey(
                columns=child[1],
                to_table=parent[0],
                to_columns=parent[1],
                name=ref.name,
                on_delete=_action(ref.settings.get("delete")),
                on_update=_action(ref.settings.get("update")),
            )
        )

    def _is_left_child(self, relation: str, left: End, right: End) -> bool:
        if relation != "-":
            return relation == ">"
        # The tools disagree here. A side that is no key refers to the other; one that counts up by itself
        # does not; of two keys, the right one does.
        table = self.result.table(left[0])
        column = None if table is None else table.column(left[1][0])
        other = self.result.table(right[0])
        other_column = None if other is None else other.column(right[1][0])
        if column is None or other_column is None:
            return True
        if column.is_counted is not other_column.is_counted:
            return other_column.is_counted
        if column.is_key is other_column.is_key:
            self.result.note(
                f"{right[0][1]}.{right[1][0]} refers to {left[0][1]}.{left[1][0]}: "
                "DBML does not say which side of - does."
            )
            return False
        return not column.is_key

    def _resolved(self, end: End) -> End:
        (schema, name), columns = end
        if schema is None and name in self.aliases:
            return self.aliases[name], columns
        return end

    def _add_join_table(self, left: End, right: End) -> None:
        """The table that DBML's own exporters make of many to many: `a_b`, with `a_id` and `b_id`."""
        name = f"{left[0][1]}_{right[0][1]}"
        table = DraftTable(name=name, schema=left[0][0])
        for place, columns in (left, right):
            target = self.result.table(place)
            found = None if target is None else target.column(columns[0])
            column_name = f"{place[1]}_{columns[0]}"
            if target is None or found is None or table.column(column_name) is not None:
                self.result.note(f"The relation of {left[0][1]} with {right[0][1]} is left out.")
                return
            table.columns.append(DraftColumn(name=column_name, type=_referring(found.type), is_key=True))
            table.foreign_keys.append(DraftKey(columns=(column_name,), to_table=place, to_columns=columns))
        if self.result.table(table.place) is None:
            self.result.tables.append(table)


def _action(tokens: list[Token] | None) -> str:
    return _ACTIONS.get(" ".join(token.text.lower() for token in tokens or ()), "noAction")


def _referring(column_type: str) -> str:
    """The type of a column that refers to one which counts up."""
    return {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}.get(column_type.lower(), column_type)
