"""Revisions made from changes of a design, applied and taken back on real databases."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import SAWarning

from gatewright.storage.database import Transaction
from gatewright.storage.schema import Schema
from tests.migrations.apps import POST, App, post

ID = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
TEAM = {"name": "Team", "columns": [ID, {"name": "name", "type": "String", "isUnique": True}]}
TO_NAME = {"table": "Team", "column": "name"}
EVERY_TYPE: dict[str, Any] = {
    "name": "Thing",
    "columns": [
        ID,
        {"name": "string", "type": "String", "maxLength": 40, "minLength": 2, "defaultValue": "it's"},
        {"name": "text", "type": "Text", "maxLength": 9000},
        {"name": "int", "type": "Int", "minValue": -5, "maxValue": 5, "defaultValue": -1},
        {"name": "bigInt", "type": "BigInt", "defaultValue": "9007199254740993"},
        {"name": "float", "type": "Float", "minValue": 0.5, "defaultValue": 1.5},
        {"name": "decimal", "type": "Decimal", "precision": 9, "scale": 2, "defaultValue": "1.50"},
        {"name": "boolean", "type": "Boolean", "defaultValue": True},
        {"name": "moment", "type": "DateTime", "defaultValue": "2026-01-31T12:00:00+02:00"},
        {"name": "date", "type": "Date", "defaultValue": "2026-01-31"},
        {"name": "time", "type": "Time", "defaultValue": "12:00:00"},
        {"name": "data", "type": "Json", "defaultValue": {"a": [1, ":b"]}},
        {"name": "bytes", "type": "Bytes", "maxLength": 90},
        {"name": "uuid", "type": "Uuid", "defaultValue": "0189b6a0-0000-7000-8000-000000000000"},
        {"name": "kind", "type": "Enum", "enumValues": ["a", "b:c", "d\\:e", "f'g", "h(i"], "defaultValue": "b:c"},
    ],
}
COUNTED = {
    "name": "Counted",
    "columns": [{"name": "id", "type": "BigInt", "isPrimaryKey": True, "defaultValue": "autoincrement()"}],
}
SELF = {"name": "Node", "columns": [ID, {"name": "parentId", "type": "String", "references": "Node"}]}
CYCLE: list[dict[str, Any]] = [
    {"name": "Hen", "columns": [ID, {"name": "eggId", "type": "String", "references": "Egg"}]},
    {"name": "Egg", "columns": [ID, {"name": "henId", "type": "String", "isRequired": True, "references": "Hen"}]},
]
COMPOSITE = {
    "name": "Membership",
    "columns": [
        {"name": "userId", "type": "String", "isPrimaryKey": True, "references": "User"},
        {"name": "groupName", "type": "String", "isPrimaryKey": True},
    ],
}

CHANGES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "a first table": ([], [POST]),
    "every type": ([], [EVERY_TYPE]),
    "every type, as columns of a table": (
        [{"name": "Thing", "columns": [ID]}],
        [EVERY_TYPE],
    ),
    "a key that counts up": ([], [COUNTED]),
    "a table that refers to itself": ([], [SELF]),
    "tables that refer to each other": ([], CYCLE),
    "a composite key": ([], [COMPOSITE]),
    "a plain column": ([POST], [post({"name": "views", "type": "Int"})]),
    "a column with a default": ([POST], [post({"name": "isDraft", "type": "Boolean", "defaultValue": True})]),
    "a unique column": ([POST], [post({"name": "slug", "type": "String", "isUnique": True})]),
    "an index": ([POST], [post(indexes=[{"columns": ["title", "authorId"]}])]),
    "a unique index with a name": (
        [POST],
        [post(indexes=[{"columns": ["title"], "isUnique": True, "name": "Titles"}])],
    ),
    "a reference to a new table": ([POST], [post({"name": "teamId", "type": "String", "references": "Team"}), TEAM]),
    "a reference to what is unique from now on": (
        [{"name": "Team", "columns": [ID, {"name": "name", "type": "String"}]}, POST],
        [TEAM, post({"name": "team", "type": "String", "references": TO_NAME})],
    ),
    "a new table that refers to what is unique from now on": (
        [{"name": "Team", "columns": [ID, {"name": "name", "type": "String"}]}],
        [TEAM, {"name": "Badge", "columns": [ID, {"name": "team", "type": "String", "references": TO_NAME}]}],
    ),
    "limits": ([POST], [post({"name": "stars", "type": "Int", "minValue": 1, "maxValue": 5})]),
    "a column of User": (
        [POST],
        [
            POST,
            {"name": "User", "columns": [ID, {"name": "phone", "type": "String", "isInput": True, "isUnique": True}]},
        ],
    ),
    "a reference from User": (
        [],
        [
            {"name": "User", "columns": [ID, {"name": "teamId", "type": "String", "references": "Team"}]},
            {"name": "Team", "columns": [ID, {"name": "ownerId", "type": "String", "references": "User"}]},
        ],
    ),
    "other values of an enum": (
        [{"name": "Task", "columns": [ID, {"name": "kind", "type": "Enum", "enumValues": ["a"]}]}],
        [{"name": "Task", "columns": [ID, {"name": "kind", "type": "Enum", "enumValues": ["a", "longer"]}]}],
    ),
    "another length, default and action": (
        [{"name": "Task", "columns": [ID, {"name": "name", "type": "String", "maxLength": 5, "defaultValue": "a"}]}],
        [{"name": "Task", "columns": [ID, {"name": "name", "type": "String", "maxLength": 50, "defaultValue": "b"}]}],
    ),
    "a name that only quotes can carry": (
        [post(dbName="PostTable")],
        [
            post(
                {"name": "order2", "type": "Int", "dbName": "Order", "minValue": 1, "isUnique": True},
                dbName="PostTable",
            )
        ],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_makes_the_tables_that_the_design_says_and_can_be_taken_back(app: App, change: str) -> None:
    """After each revision the database is what the design would have made at once; also after going back."""
    before, after = CHANGES[change]
    app.write(*before)
    app.make("before")
    await app.apply()
    first = await app.read(structure)

    app.write(*after)
    app.make("after", allow_data_loss=True)
    await app.apply()
    assert await app.drift() == []
    second = await app.read(structure)
    assert second == await as_made_at_once(app)

    await app.roll_back()
    assert await app.read(structure) == first
    await app.apply()
    assert await app.read(structure) == second


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_can_be_made_in_the_other_direction(app: App, change: str) -> None:
    """What can be added can be removed."""
    after, before = CHANGES[change]
    app.write(*before)
    app.make("before")
    await app.apply()
    app.write(*after)
    app.make("after", allow_data_loss=True)
    await app.apply()
    assert await app.drift() == []
    assert await app.read(structure) == await as_made_at_once(app)


async def as_made_at_once(app: App) -> dict[str, Any]:
    """The structure that SQLAlchemy makes of the design in an empty database."""
    schema = Schema(app.design)

    def work(tx: Transaction) -> dict[str, Any]:
        savepoint = tx.connection.begin_nested()
        for table in reversed(inspect(tx.connection).get_table_names()):
            tx.connection.exec_driver_sql(f'DROP TABLE "{table}"' + cascade(tx))
        with warnings.catch_warnings(category=SAWarning, action="ignore"):
            schema.metadata.create_all(tx.connection)
        found = structure(tx)
        savepoint.rollback()
        return found

    def cascade(tx: Transaction) -> str:
        return " CASCADE" if tx.connection.dialect.name == "postgresql" else ""

    return await app.migrate(lambda connection: work(Transaction(connection, schema)))


def structure(tx: Transaction) -> dict[str, Any]:
    """All that the database says of the design's tables, in no order."""
    inspector = inspect(tx.connection)
    names = [n for n in inspector.get_table_names() if not n.startswith(("gatewright_", "alembic_"))]
    return {name: _parts(inspector, name) for name in names}


def _parts(inspector: Any, name: str) -> dict[str, Any]:
    def told(item: dict[str, Any]) -> str:
        return repr(sorted((key, str(value)) for key, value in item.items() if key not in ("comment", "autoincrement")))

    return {
        "columns": sorted(map(told, inspector.get_columns(name))),
        "key": told(inspector.get_pk_constraint(name)),
        "references": sorted(map(told, inspector.get_foreign_keys(name))),
        "unique": sorted(map(told, inspector.get_unique_constraints(name))),
        "checks": sorted(map(told, inspector.get_check_constraints(name))),
        "indexes": sorted(map(told, inspector.get_indexes(name))),
    }
