"""Checks across columns and tables: references and access rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatewright.design.document import (
    CALLS,
    USER,
    Access,
    Column,
    DefaultFunction,
    Design,
    OnDelete,
    Reference,
    RuleKind,
    Table,
)
from gatewright.design.naming import relation_name
from gatewright.design.problems import Problems, quoted

# Defaults that no other row has.
_OWN_VALUES = tuple(function for function in DefaultFunction if function is not DefaultFunction.NOW)


@dataclass(frozen=True, slots=True)
class _Known:
    """All tables that a design may name: its own, and the engine's with the columns that these need."""

    columns: dict[str, dict[str, Column]]
    keys: dict[str, set[str]]
    problems: Problems

    def find(self, path: str, table: str, column: str, column_path: str | None = None) -> Column | None:
        """The column of that name; what is missing is noted."""
        if table not in self.columns:
            self.problems.add(path, f"no table {quoted(table)}", near=table, among=self.columns)
            return None
        columns = self.columns[table]
        if column not in columns:
            message = f"no column {quoted(column)} in {quoted(table)}"
            self.problems.add(column_path or path, message, near=column, among=columns)
            return None
        return columns[column]


def check_links(design: Design, problems: Problems, engine: Sequence[Table]) -> None:
    """Note what does not fit together between the parts of a design."""
    known = _known(design, problems, engine)
    for i, table in enumerate(design.tables):
        path = f"tables[{i}]"
        for j, column in enumerate(table.columns):
            _check_reference(column, f"{path}.columns[{j}].references", known)
        _check_access(table, f"{path}.access", known)


def _known(design: Design, problems: Problems, engine: Sequence[Table]) -> _Known:
    columns: dict[str, dict[str, Column]] = {}
    keys: dict[str, set[str]] = {}
    for table in (*engine, *design.tables):
        if table.name:
            columns.setdefault(table.name, {}).update({column.name: column for column in table.columns if column.name})
            keys.setdefault(table.name, set()).update(column.name for column in table.key_columns)
    return _Known(columns, keys, problems)


def _check_reference(column: Column, path: str, known: _Known) -> None:
    reference = column.references
    if reference is None or not reference.table or known.problems.touch(path):
        return
    target = known.find(path, reference.table, reference.column)
    if target is None:
        return
    for message in _reference_faults(column, reference, target, known.keys[reference.table]):
        known.problems.add(path, message)


def _reference_faults(column: Column, reference: Reference, target: Column, keys: set[str]) -> Iterator[str]:
    there = f"{reference.table}.{reference.column}"
    if column.type is not target.type:
        yield f"{there} is {target.type}, but this column is {column.type}"
    if keys != {target.name} and not target.is_unique:
        yield f"{there} cannot be referenced, since it is neither the key nor unique"
    if OnDelete.SET_NULL in (reference.on_delete, reference.on_update) and column.is_not_null:
        remedy = 'write "isRequired": false' if column.is_filled else "leave isRequired out"
        yield f"setNull needs a column that can be null; choose another onDelete, or {remedy}"
    if target.is_hidden and (column.is_input or not column.is_hidden):
        yield f"{there} is hidden, and this column would reveal its values; hide this column too, without isInput"
    if column.default_value in _OWN_VALUES:
        yield f"{quoted(str(column.default_value))} refers to no row; leave defaultValue out"


def _check_access(table: Table, path: str, known: _Known) -> None:
    if known.problems.touch(path):
        return
    if table.access.owner_column is None:
        _refuse_owner_rules(table.access, table.columns, path, known.problems)
        return
    here = f"{path}.ownerColumn"
    relation, dot, last = table.access.owner_column.rpartition(".")
    holder = _referenced(table, relation, here, known) if dot else table.name
    owner = None if holder is None else known.find(here, holder, last)
    if owner is None:
        return
    if owner.references is None or owner.references != _to_user(owner.references):
        known.problems.add(here, f"{quoted(owner.name)} does not reference {USER}; choose a column that does")
    elif not dot and owner.is_not_null and any(rule.kind is RuleKind.PUBLIC for rule in table.access.create):
        known.problems.add(
            f"{path}.create",
            f"a client that is not signed in cannot own a row, and {owner.name} is never null; leave public out",
        )


def _referenced(table: Table, relation: str, path: str, known: _Known) -> str | None:
    """The table that a required reference of *table* points to, by the name of its relation; problems are noted."""
    relations = {relation_name(column.name): column for column in table.columns if column.references is not None}
    column = relations.get(relation)
    if column is None or column.references is None:
        message = f"no reference {quoted(relation)} in {quoted(table.name)}"
        known.problems.add(path, message, near=relation, among=relations)
    elif not column.is_not_null:
        known.problems.add(path, f"{quoted(column.name)} can be null, so that a row has no owner; make it required")
    else:
        return column.references.table
    return None


def _to_user(reference: Reference) -> Reference:
    """The reference to an account that this one must be."""
    return Reference(USER, "id", reference.on_delete, reference.on_update, reference.any_row)


def _refuse_owner_rules(access: Access, columns: Iterable[Column], path: str, problems: Problems) -> None:
    candidates = [c.name for c in columns if c.references is not None and c.references == _to_user(c.references)]
    hint = f', such as "ownerColumn": {quoted(candidates[0])}' if candidates else f", a reference to {USER}"
    for call in CALLS:
        if any(rule.kind is RuleKind.OWNER for rule in access.rules(call)):
            problems.add(f"{path}.{call}", f'"owner" needs ownerColumn as well{hint}')
