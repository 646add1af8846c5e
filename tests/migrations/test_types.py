"""A column gets another type: its values are converted, alike on both databases, or the change is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.losses import DataLoss, RowsViolateChange
from tests.migrations.apps import App
from tests.migrations.test_changes import ID, as_made_at_once, structure

Column = dict[str, Any]

CONVERTED: dict[str, tuple[Column, list[str], Column, list[Any]]] = {
    "text to whole numbers": ({"type": "String"}, ["'12'", "'-7'", "NULL"], {"type": "Int"}, ["12", "-7", None]),
    "text to numbers": ({"type": "Text"}, ["'12'", "'-0.25'"], {"type": "Float"}, ["12.0", "-0.25"]),
    "text to exact numbers": (
        {"type": "String", "isIndexed": True},
        ["'12'", "'-0.25'"],
        {"type": "Decimal", "precision": 5, "scale": 2, "isIndexed": True},
        ["12.00", "-0.25"],
    ),
    "text to flags": ({"type": "String"}, ["'true'", "'False'", "NULL"], {"type": "Boolean"}, ["True", "False", None]),
    "text to days": ({"type": "String"}, ["'2024-02-29'"], {"type": "Date"}, ["2024-02-29"]),
    "text to values": (
        {"type": "String"},
        ["'a'"],
        {"type": "Enum", "enumValues": ["a", "b"], "defaultValue": "a"},
        ["a"],
    ),
    "text to uuids": (
        {"type": "String"},
        ["'0189B6A0-0000-7000-8000-000000000000'"],
        {"type": "Uuid"},
        ["0189b6a0-0000-7000-8000-000000000000"],
    ),
    "whole numbers to text": (
        {"type": "Int", "minValue": -9, "defaultValue": 3},
        ["5", "-7"],
        {"type": "String", "maxLength": 9, "defaultValue": "3"},
        ["5", "-7"],
    ),
    "flags to text": ({"type": "Boolean"}, ["true", "false"], {"type": "String"}, ["true", "false"]),
    "uuids to text": (
        {"type": "Uuid"},
        ["'0189b6a0000070008000000000000000'"],
        {"type": "Text"},
        ["0189b6a0-0000-7000-8000-000000000000"],
    ),
    "moments to text": (
        {"type": "DateTime"},
        ["'2026-01-31 12:00:00.250000'"],
        {"type": "String"},
        ["2026-01-31 12:00:00.250000+00:00"],
    ),
    "small to large numbers": ({"type": "Int", "isUnique": True}, ["5"], {"type": "BigInt", "isUnique": True}, ["5"]),
    "large to small numbers": ({"type": "BigInt"}, ["5"], {"type": "Int"}, ["5"]),
    "numbers to whole numbers": ({"type": "Float"}, ["5.0"], {"type": "Int"}, ["5"]),
    "numbers to exact ones": ({"type": "Float"}, ["5.5"], {"type": "Decimal", "precision": 9, "scale": 1}, ["5.5"]),
    "more digits": (
        {"type": "Decimal", "precision": 5, "scale": 2},
        ["5.25"],
        {"type": "Decimal", "precision": 9, "scale": 3},
        ["5.250"],
    ),
    "flags to numbers": ({"type": "Boolean"}, ["true", "false"], {"type": "Int"}, ["1", "0"]),
    "numbers to flags": ({"type": "Int"}, ["1", "0"], {"type": "Boolean"}, ["True", "False"]),
    "text to moments": (
        {"type": "String"},
        ["'2026-01-31T12:00:00Z'", "'2024-02-29 12:00:00.25'", "'2026-01-31 12\\:00\\:00.000001'"],
        {"type": "DateTime"},
        ["2026-01-31 12:00:00+00:00", "2024-02-29 12:00:00.250000+00:00", "2026-01-31 12:00:00.000001+00:00"],
    ),
    "days to moments": ({"type": "Date"}, ["'2026-01-31'"], {"type": "DateTime"}, ["2026-01-31 00:00:00+00:00"]),
    "moments to days": ({"type": "DateTime"}, ["'2026-01-31 12:00:00.000000'"], {"type": "Date"}, ["2026-01-31"]),
}
_QUICK = ("text to whole numbers", "whole numbers to text", "flags to text", "days to moments")
UNFIT: dict[str, tuple[Column, str, Column]] = {
    "a word is no number": ({"type": "String"}, "'many'", {"type": "Int"}),
    "a number with spaces": ({"type": "String"}, "' 5'", {"type": "Int"}),
    "a number that is too large": ({"type": "BigInt"}, "2147483648", {"type": "Int"}),
    "a text that is too large": ({"type": "String"}, "'9999999999'", {"type": "Int"}),
    "a part of a number": ({"type": "Float"}, "5.5", {"type": "Int"}),
    "too many digits": ({"type": "String"}, "'1.234'", {"type": "Decimal", "precision": 5, "scale": 2}),
    "a day that is none": ({"type": "String"}, "'2026-02-29'", {"type": "Date"}),
    "a moment of another zone": ({"type": "String"}, "'2026-01-31 12:00:00+01:00'", {"type": "DateTime"}),
    "a moment that is none": ({"type": "String"}, "'2026-02-29 12:00:00'", {"type": "DateTime"}),
    "a word is no flag": ({"type": "String"}, "'perhaps'", {"type": "Boolean"}),
    "a number is no flag": ({"type": "Int"}, "2", {"type": "Boolean"}),
    "a text is no uuid": ({"type": "String"}, "'0189b6a0'", {"type": "Uuid"}),
    "a text is none of the values": ({"type": "String"}, "'c'", {"type": "Enum", "enumValues": ["a", "b"]}),
    "a value that goes": (
        {"type": "Enum", "enumValues": ["a", "c"]},
        "'c'",
        {"type": "Enum", "enumValues": ["a", "b"]},
    ),
    "a text that is too long": ({"type": "String"}, "'four'", {"type": "String", "maxLength": 3}),
}
_QUICK_UNFIT = ("a word is no number", "a day that is none", "a text that is too long")


def thing(column: Column, **keys: object) -> dict[str, Any]:
    return {"name": "Thing", "columns": [ID, {"name": "value", **column, **keys}]}


def quick(cases: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """All of *cases*, those that are not *names* as extra ones."""
    return [pytest.param(name, marks=[] if name in names else pytest.mark.extra) for name in cases]


@pytest.mark.both_databases
@pytest.mark.parametrize("case", quick(CONVERTED, _QUICK))
async def test_values_are_converted(app: App, case: str) -> None:
    """The table is what the design would have made, and each row has its value in the new type."""
    old, values, new, expected = CONVERTED[case]
    app.write(thing(old))
    app.make("before")
    await app.apply()
    first = await app.read(structure)
    for i, value in enumerate(values):
        await app.run(f"INSERT INTO things (id, value) VALUES ('{i}', {value})")
    app.write(thing(new))
    app.make("after", allow_data_loss=True)
    await app.apply()
    assert await app.read(structure) == await as_made_at_once(app)
    assert await app.drift() == []
    assert await values_of(app) == expected
    await app.roll_back(allow_data_loss=True)
    assert await app.read(structure) == first


async def values_of(app: App) -> list[str | None]:
    """The values as Python has them, in words."""

    def read(tx: Any) -> list[Any]:
        table = tx.schema["Thing"]
        return [row.value for row in tx.connection.execute(table.select().order_by(table.c.id))]

    values = await app.read(read)
    return [None if value is None else str(value) for value in values]


@pytest.mark.both_databases
@pytest.mark.parametrize("case", quick(UNFIT, _QUICK_UNFIT))
async def test_values_that_do_not_fit_are_refused_before_anything_changes(app: App, case: str) -> None:
    """By the draft and by the revision, with their number and the key of one, and without the value."""
    old, value, new = UNFIT[case]
    app.write(thing(old))
    app.make("before")
    await app.apply()
    await app.run(f"INSERT INTO things (id, value) VALUES ('k1', {value})")
    await app.run(f"INSERT INTO things (id, value) VALUES ('k2', {value})")
    app.write(thing(new))
    with pytest.raises(RowsViolateChange) as draft:
        await app.draft(allow_data_loss=True)
    with pytest.raises(DataLoss):
        app.make("after")
    app.make("after", allow_data_loss=True)
    with pytest.raises(SetupError) as revision:
        await app.apply()
    for message in (str(draft.value), str(revision.value)):
        assert re.search(r"[Tt]hings?\.value .*: change these first \(2, such as id 'k[12]'\)\.$", message), message
        assert len(value) < 4 or value.strip("'") not in message
    app.write(thing(old))
    assert await app.rows("SELECT count(*) FROM things") == [(2,)]


async def test_a_rename_and_another_type_go_together(sqlite_app: App) -> None:
    """Rows are looked at under the former name, and converted under the new one."""
    sqlite_app.write(thing({"type": "String"}))
    sqlite_app.make("before")
    await sqlite_app.apply()
    await sqlite_app.run("INSERT INTO things (id, value) VALUES ('k', 'five')")
    renamed = {"name": "amount", "type": "Int", "renamedFrom": "value"}
    sqlite_app.write({"name": "Item", "renamedFrom": "Thing", "columns": [ID, renamed]})
    with pytest.raises(RowsViolateChange, match=r"Item.amount gets another type.* \(1, such as id 'k'\)"):
        await sqlite_app.draft()
    sqlite_app.make("after", allow_data_loss=True)
    with pytest.raises(SetupError, match=r"items.amount gets another type"):
        await sqlite_app.apply()
    await sqlite_app.run("UPDATE things SET value = '5'")
    await sqlite_app.apply()
    assert await sqlite_app.rows("SELECT amount FROM items") == [(5,)]


async def test_a_type_that_cannot_be_converted_back_leaves_the_way_back_to_a_person(sqlite_app: App) -> None:
    """The script says so, and rolling back is refused."""
    sqlite_app.write(thing({"type": "Json"}))
    sqlite_app.make("before")
    sqlite_app.write(thing({"type": "Text"}))
    assert 'raise RuntimeError("The values cannot be converted back' in sqlite_app.made("after", allow_data_loss=True)
    await sqlite_app.apply()
    with pytest.raises(SetupError, match="Text to Json"):
        await sqlite_app.roll_back()


def test_what_every_value_loses_needs_a_yes(sqlite_app: App) -> None:
    """A moment that becomes a day."""
    sqlite_app.write(thing({"type": "DateTime"}))
    sqlite_app.make("before")
    sqlite_app.write(thing({"type": "Date"}))
    with pytest.raises(DataLoss, match="Thing.value loses the time of the day"):
        sqlite_app.make("after")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ({"type": "Json"}, {"type": "Int"}, r"Json to Int.: add a column of the new type, fill it by a script"),
        ({"type": "String"}, {"type": "Bytes"}, r"String to Bytes.: add a column"),
        ({"type": "String", "isPrimaryKey": True}, {"type": "Int", "isPrimaryKey": True}, "of a key or a reference"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_what_to_do(
    sqlite_app: App, old: Column, new: Column, message: str
) -> None:
    """Nothing is guessed."""
    sqlite_app.write(thing(old))
    sqlite_app.make("before")
    sqlite_app.write(thing(new))
    with pytest.raises(SetupError, match=message):
        sqlite_app.make("after", allow_data_loss=True)
