"""Revisions made from changes of a design, applied and taken back on real databases."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import SAWarning

from gatewright.storage.checks import quoted_name
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
SOME_ROWS = "title LIKE 'a%' AND title <> 'b:c \\:d' AND length(title) > 2"
SHOUTED = {
    "name": "shouted",
    "type": "Text",
    "computed": {"expression": "upper(title) || ':x'", "isStored": True},
}
TYPED: dict[str, Any] = {
    "name": "Typed",
    "columns": [
        ID,
        *(
            {"name": f"c{i}", "type": kind, "dbType": own}
            for i, (kind, own) in enumerate(
                (
                    *(("String", "varchar(40)"), ("String", "char(2)"), ("String", "inet"), ("Text", "varchar(9)")),
                    *(("Enum", "text"), ("Int", "smallint"), ("BigInt", "integer"), ("Float", "real")),
                    *(("Decimal", "numeric(9, 3)"), ("DateTime", "timestamp(3) with time zone"), ("Time", "time(0)")),
                    *(("Json", "jsonb"), ("Text", "int4range"), ("String", "text[]")),
                )
            )
        ),
    ],
}
TYPED["columns"][5]["enumValues"] = ["a", "b"]
PAIR: dict[str, Any] = {
    "name": "Pair",
    "columns": [ID, *({"name": name, "type": "Int", "isRequired": name < "c"} for name in "abcd")],
    "indexes": [{"columns": ["a", "b"], "isUnique": True}],
}
TWO_COLUMNS: dict[str, Any] = {
    "name": "Two",
    "columns": [ID, {"name": "b", "type": "Int", "defaultValue": 1}, {"name": "a", "type": "Int", "defaultValue": 2}],
    "foreignKeys": [{"columns": ["b", "a"], "table": "Pair", "toColumns": ["b", "a"], "onUpdate": "cascade"}],
}
ODD: dict[str, Any] = {
    "name": "Odd",
    "dbName": "odd name's 100% :n-ö",
    "columns": [
        {**ID, "dbName": "the key's % :k"},
        {"name": "kind", "type": "Enum", "enumValues": ["a", "b"], "dbName": "kind :of"},
        {"name": "day", "type": "Date", "dbName": "jour $%(x)s", "isUnique": True},
        {"name": "upId", "type": "String", "dbName": "up id", "references": "Odd"},
    ],
    "indexes": [{"columns": ["kind", "day"], "name": 'by kind, "day" :x'}],
    "checks": [{"name": 'a :check\'s "name" 5%', "expression": """length("up id") > 1"""}],
}
ODD_TOO: dict[str, Any] = {
    "name": "OddToo",
    "columns": [ID, {"name": "oddId", "type": "String", "dbName": "Odd Id", "references": "Odd"}],
}


def without_indexes(table: dict[str, Any]) -> dict[str, Any]:
    """*table* without its indexes."""
    return {**table, "indexes": []}


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
    "types of the database": ([], [TYPED]),
    "types of the database, as columns of a table": ([{"name": "Typed", "columns": [ID]}], [TYPED]),
    "an index of some rows": ([POST], [post(indexes=[{"columns": ["title"], "isUnique": True, "where": SOME_ROWS}])]),
    "another condition of an index": (
        [post(indexes=[{"columns": ["title"], "where": "body IS NULL"}])],
        [post(indexes=[{"columns": ["title"], "where": SOME_ROWS}])],
    ),
    "a check": ([POST], [post(checks=[{"name": "title words", "expression": SOME_ROWS}])]),
    "another condition of a check": (
        [post(checks=[{"name": "long", "expression": "length(title) > 3"}])],
        [post(checks=[{"name": "long", "expression": "length(title) > 4"}])],
    ),
    "a computed column": ([POST], [post(SHOUTED)]),
    "an indexed computed column in a table that is rebuilt": (
        [post(SHOUTED)],
        [post(SHOUTED, {"name": "stars", "type": "Int", "isUnique": True, "maxValue": 5})],
    ),
    "another expression of a computed column": (
        [post(SHOUTED)],
        [post({**SHOUTED, "computed": {"expression": "lower(title)", "isStored": True}})],
    ),
    "a computed column and what it is computed from": (
        [POST],
        [
            post(
                {**SHOUTED, "computed": {"expression": "more || title", "isStored": True}},
                {"name": "more", "type": "Text"},
            )
        ],
    ),
    "a column that is computed from now on": ([post({"name": "shouted", "type": "Text"})], [post(SHOUTED)]),
    "a foreign key of two columns": ([], [PAIR, TWO_COLUMNS]),
    "a foreign key of two columns to what is unique from now on": (
        [without_indexes(PAIR), {**TWO_COLUMNS, "foreignKeys": []}],
        [PAIR, TWO_COLUMNS],
    ),
    "a foreign key of two columns to its own table": (
        [{"name": "Pair", "columns": PAIR["columns"]}],
        [{**PAIR, "foreignKeys": [{"columns": ["c", "d"], "table": "Pair", "toColumns": ["a", "b"], "name": "up"}]}],
    ),
    "other actions": (
        [POST, {**TWO_COLUMNS, "foreignKeys": []}, PAIR],
        [
            post({"name": "editorId", "type": "String", "references": {"table": "User", "onDelete": "noAction"}}),
            {**TWO_COLUMNS, "foreignKeys": [{**TWO_COLUMNS["foreignKeys"][0], "onDelete": "setDefault"}]},
            PAIR,
        ],
    ),
    "names of any characters": ([POST], [ODD, ODD_TOO]),
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
            tx.connection.exec_driver_sql(f"DROP TABLE {quoted_name(table)}" + cascade(tx))
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
    def describe(item: dict[str, Any]) -> str:
        options = {key: str(value) for key, value in item.pop("dialect_options", {}).items()}
        shown = {**item, **options}
        return repr(
            sorted((key, str(value)) for key, value in shown.items() if key not in ("comment", "autoincrement"))
        )

    return {
        "columns": sorted(map(describe, inspector.get_columns(name))),
        "key": describe(inspector.get_pk_constraint(name)),
        "references": sorted(map(describe, inspector.get_foreign_keys(name))),
        "unique": sorted(map(describe, inspector.get_unique_constraints(name))),
        "checks": sorted(map(describe, inspector.get_check_constraints(name))),
        "indexes": sorted(map(describe, inspector.get_indexes(name))),
    }


async def test_a_key_that_refers_to_other_rows_counts_no_numbers(tmp_path: Path, postgres_url: str) -> None:
    """A reference that follows its table is not there yet when PostgreSQL is asked for the column's sequence."""
    pair = {
        "name": "Pair",
        "columns": [{"name": "a", "type": "Int", "isPrimaryKey": True}, *({"name": n, "type": "Int"} for n in "bc")],
        "foreignKeys": [{"columns": ["a", "b"], "table": "Pair", "toColumns": ["a", "c"]}],
        "indexes": [{"columns": ["a", "c"], "isUnique": True}],
    }
    app = App(tmp_path, postgres_url)
    app.write(pair)
    app.make("start")
    await app.apply()
    assert await app.drift() == []
    assert await app.rows("SELECT sequencename FROM pg_sequences WHERE sequencename LIKE 'pairs%'") == []
