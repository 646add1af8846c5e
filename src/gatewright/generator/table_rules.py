"""What a model says of its table as a whole: indexes, checks, and references of several columns."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from gatewright.design.document import Index, Table
from gatewright.generator.imports import Imports
from gatewright.generator.literals import Code, literal
from gatewright.storage.checks import sql_text
from gatewright.storage.schema import OF_TABLE


def rules(table: Table, built: sa.Table, imports: Imports) -> Iterator[Code]:
    """The items of `__table_args__`; SQLAlchemy takes options as the last.

    Args:
        built: The table as `storage.schema` makes it, so that the model can't say anything else.
    """
    yield from (_index(index, table, imports) for index in table.indexes)
    keys = (key for key in built.foreign_key_constraints if is_of_table(key))
    yield from (_foreign_key(key, imports) for key in sorted(keys, key=lambda key: str(key.name)))
    for check in table.checks:
        name = f"{imports('sa')}.schema.conv({literal(check.name)})"
        yield Code(f"{imports('sa')}.CheckConstraint({_text(check.expression)}, name={name})")
    if table.db_schema is not None:
        yield Code(f'{{"schema": {literal(table.db_schema)}}}')


def is_of_table(key: sa.ForeignKeyConstraint) -> bool:
    """Whether the design lists *key* among the table's `foreignKeys`, and not at a column."""
    return bool(key.info.get(OF_TABLE))


def _index(index: Index, table: Table, imports: Imports) -> Code:
    sa_ = imports("sa")
    names = [table.column(column).database_name for column in index.columns]
    arguments = [str(literal(each)) for each in (table.index_name(index), *names)]
    if index.is_unique:
        arguments.append("unique=True")
    if index.where is not None:
        where = f"{sa_}.text({_text(index.where)})"
        arguments += [f"sqlite_where={where}", f"postgresql_where={where}"]
    return Code(f"{sa_}.Index({', '.join(arguments)})")


def _foreign_key(key: sa.ForeignKeyConstraint, imports: Imports) -> Code:
    sa_ = imports("sa")
    columns, targets = list(key.column_keys), [element.target_fullname for element in key.elements]
    actions = {"ondelete": key.ondelete, "onupdate": key.onupdate}
    options = "".join(f", {name}={literal(action)}" for name, action in actions.items() if action is not None)
    name = f"{sa_}.schema.conv({literal(str(key.name))})"
    return Code(f"{sa_}.ForeignKeyConstraint({literal(columns)}, {literal(targets)}, name={name}{options})")


def _text(sql: str) -> Code:
    """*sql* as SQLAlchemy has to be given it."""
    return literal(sql_text(sql).text)
