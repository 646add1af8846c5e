"""Checks of relationships: their ends, their names, and the tables that they make."""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from gatewright.design.document import Design, Relationship, Table
from gatewright.design.naming import camel_case, snake_case
from gatewright.design.problems import Problems, quoted
from gatewright.design.relationships import Unresolved, resolve
from gatewright.design.words import CLASS_MEMBERS


def check_relationships(design: Design, problems: Problems, engine: Sequence[Table]) -> None:
    """Note what is wrong with the `relationships` of a design."""
    tables = {table.name: table for table in (*engine, *design.tables)}
    for i, table in enumerate(design.tables):
        names: dict[str, str] = {snake_case(column.name): f"the column {column.name}" for column in table.columns}
        for j, relationship in enumerate(table.relationships):
            path = f"tables[{i}].relationships[{j}]"
            if problems.touch(path):
                continue
            _check_name(relationship.name, f"{path}.name", names, problems)
            names.setdefault(snake_case(relationship.name), f"another relationship of {table.name}")
            _check_ends(relationship, table, tables, path, problems)


def _check_ends(
    relationship: Relationship, table: Table, tables: dict[str, Table], path: str, problems: Problems
) -> None:
    try:
        found = resolve(relationship, table, tables)
    except Unresolved as fault:
        at = f"{path}.{fault.key}" if fault.key else path
        problems.add(at, str(fault), near=fault.near, among=fault.among)
        return
    made = found.many
    alike = [each.name for each in tables.values() if each.full_name == made.full_name and each is not made]
    if made.name not in tables and alike:
        message = f"the join table {quoted(made.name)} would be {made.database_name} in the database, like {alike[0]}"
        problems.add(f"{path}.throughTable", f"{message}; choose another throughTable")


def _check_name(name: str, path: str, taken: dict[str, str], problems: Problems) -> None:
    snake = snake_case(name)
    if snake in taken:
        problems.add(path, f"{quoted(name)} is {camel_case(name)} in the code, like {taken[snake]}; rename one of them")
    elif snake in CLASS_MEMBERS or keyword.iskeyword(snake):
        problems.add(path, f"{quoted(name)} has a special meaning in the generated classes; choose another name")
