"""What the vocabulary has and Gatewright does not support yet: refused, never ignored.

This is the only place that lists it. A line goes when the feature comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.design.document import CALLS, Access, Column, Design, Index, RuleKind, Table
from gatewright.design.problems import DesignError, Problem

TABLE_KEYS = {"id": "id", "renamedFrom": "renamed_from", "relationships": "relationships", "softDelete": "soft_delete"}
COLUMN_KEYS = {"id": "id", "renamedFrom": "renamed_from", "dbType": "db_type"}
INDEX_KEYS = {"where": "where"}
RULES = frozenset({RuleKind.PERMISSION})


def refuse_unbuilt(design: Design) -> None:
    """Refuse a design that uses what is not built yet.

    Raises:
        DesignError: It does; each place is named.
    """
    problems = [Problem(path, f"{what} is not built yet; leave it out") for path, what in _uses(design)]
    if problems:
        raise DesignError(problems)


def _uses(design: Design) -> Iterator[tuple[str, str]]:
    for i, table in enumerate(design.tables):
        path = f"tables[{i}]"
        yield from _keys(table, TABLE_KEYS, path)
        for j, column in enumerate(table.columns):
            yield from _keys(column, COLUMN_KEYS, f"{path}.columns[{j}]")
        for j, index in enumerate(table.indexes):
            yield from _keys(index, INDEX_KEYS, f"{path}.indexes[{j}]")
        yield from _rules(table.access, f"{path}.access")


def _keys(part: Table | Column | Index, keys: dict[str, str], path: str) -> Iterator[tuple[str, str]]:
    for key, field in keys.items():
        if getattr(part, field):
            yield f"{path}.{key}", key


def _rules(access: Access, path: str) -> Iterator[tuple[str, str]]:
    for call in CALLS:
        for rule in access.rules(call):
            if rule.kind in RULES:
                yield f"{path}.{call}", f"the rule {rule.kind}:NAME"
