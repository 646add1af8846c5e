"""Reading a design: from a document, from a snapshot beside a migration, from an engine's fragment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from gatewright.design.checks import check
from gatewright.design.completion import check_agreement
from gatewright.design.document import SCHEMA_REFERENCE, Access, Column, ColumnType, Design, Table
from gatewright.design.json_text import check_values, parse_json
from gatewright.design.kinds import VALUE, Reader, keys_of
from gatewright.design.problems import DesignError, Problem, Problems, step
from gatewright.design.relationships import resolved_design
from gatewright.design.values import default_of, literal_of

_Identified = TypeVar("_Identified", Table, Column)


def read_design(text: str | bytes, *, engine: Sequence[Table] = ()) -> Design:
    """The design of a document's text.

    Args:
        text: JSON; bytes have to be UTF-8.
        engine: The engine's fragments. The document may refer to their tables without holding them, and what in it
            clashes with them is an error.

    Raises:
        DesignError: Something is wrong with it; the error lists everything that is.
    """
    problems = Problems()
    raw = parse_json(_decoded(text), problems)
    problems.raise_if_any()
    return _design(raw, problems, engine=engine)


def design_of(raw: object, *, engine: Sequence[Table] = ()) -> Design:
    """The design of values that an importer made: a whole document, a list of tables, or one table.

    Raises:
        DesignError: As in `read_design`.
    """
    problems = Problems()
    check_values(raw, problems)
    problems.raise_if_any()
    return _design(_as_document(raw), problems, engine=engine)


def read_snapshot(text: str | bytes) -> Design:
    """The completed design that was kept beside a migration, with what is marked as the engine's.

    Raises:
        DesignError: As in `read_design`.
    """
    problems = Problems()
    raw = parse_json(_decoded(text), problems)
    problems.raise_if_any()
    return by_rules_of_its_time(_design(raw, problems, with_engine_keys=True))


def by_rules_of_its_time(snapshot: Design) -> Design:
    """*snapshot* with NOT NULL in so many words where earlier versions made it so: each column with a default.

    A later snapshot says `isNullable` at each such column that allows NULL.
    """
    tables = (
        replace(
            table,
            columns=tuple(
                replace(column, is_nullable=False)
                if column.is_nullable_although_filled and column.is_nullable is None
                else column
                for column in table.columns
            ),
        )
        for table in snapshot.tables
    )
    return replace(snapshot, tables=tuple(tables))


def parse_table(raw: Mapping[str, Any]) -> Table:
    """The table of an engine's fragment, in the vocabulary of the document.

    A fragment may also have `isNullable`. Its references are not followed, since other fragments hold their tables.

    Raises:
        DesignError: Something is wrong with it. Paths begin at the table: `columns[2].type`.
    """
    problems = Problems()
    table: Table = _reader(problems, engine=True).part(Table, raw, "tables[0]")
    alone = replace(table, columns=tuple(replace(column, references=None) for column in table.columns))
    check(Design((replace(alone, access=Access()),)), problems)
    if problems.found:
        found = problems.found
        raise DesignError(
            [replace(problem, path=problem.path.removeprefix("tables[0]").lstrip(".")) for problem in found]
        )
    return table


def _design(raw: object, problems: Problems, *, engine: Sequence[Table] = (), with_engine_keys: bool = False) -> Design:
    design: Design = _with_ids(_reader(problems, engine=with_engine_keys).part(Design, raw, ""))
    if isinstance(raw, Mapping) and "$schema" not in raw:
        design = replace(design, schema=None)
    check(design, problems, engine=engine)
    check_agreement(resolved_design(design, engine), engine, problems)
    problems.raise_if_any()
    return design


def _reader(problems: Problems, *, engine: bool) -> Reader:
    return Reader(problems, _settle_literals, engine)


def _settle_literals(made_of: type, values: dict[str, Any], path: str, problems: Problems) -> None:
    """Give the literals of a part the form that fits the type of its column; one that does not fit is left out."""
    for key in keys_of(made_of):
        if key.kind is not VALUE or key.field not in values:
            continue
        raw = values.pop(key.field)
        if problems.touch(f"{path}.type"):
            continue
        settle = default_of if key.field == "default_value" else literal_of
        try:
            values[key.field] = settle(raw, values.get("type", ColumnType.JSON))
        except ValueError as error:
            problems.add(step(path, key.name), str(error))


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise DesignError([Problem("", f"not UTF-8: byte {error.start} is not valid")]) from None


def _as_document(raw: object) -> object:
    if isinstance(raw, list):
        return {"$schema": SCHEMA_REFERENCE, "tables": raw}
    if isinstance(raw, Mapping) and ("name" in raw or "columns" in raw) and "tables" not in raw:
        return {"$schema": SCHEMA_REFERENCE, "tables": [raw]}
    return raw


def _with_ids(design: Design) -> Design:
    """The same, with an id for each table and column whose name is the id of another."""
    tables = [replace(table, columns=_identified(table.columns)) for table in design.tables]
    return replace(design, tables=_identified(tables))


def _identified(items: Iterable[_Identified]) -> tuple[_Identified, ...]:
    items = [replace(item, id=None) if item.id == item.name else item for item in items]
    given = {item.id for item in items if item.id is not None}
    if not given:
        return tuple(items)
    taken = given | {item.name for item in items}
    settled = []
    for item in items:
        if item.id is None and item.name in given:
            number = next(n for n in range(2, len(taken) + 3) if f"{item.name}-{n}" not in taken)
            taken.add(f"{item.name}-{number}")
            settled.append(replace(item, id=f"{item.name}-{number}"))
        else:
            settled.append(item)
    return tuple(settled)
