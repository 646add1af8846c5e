"""Values of an Enum: added, renamed and removed, with what rows hold."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.problems import DesignError
from gatewright.errors import SetupError
from gatewright.migrations.losses import DataLoss, RowsViolateChange
from tests.migrations.apps import App
from tests.migrations.test_changes import ID, as_made_at_once, structure

VALUES = ["draft", "it's: 50 %", "back\\slash", "{c}"]
RENAMED = {"draft": "new", "it's: 50 %": "it's :half 100%", "{c}": "\\:c and {c} again"}


def post(values: list[str], renamed: dict[str, str] | None = None, **keys: Any) -> dict[str, Any]:
    """A table with an Enum; *renamed* has the new names by the former ones."""
    status: dict[str, Any] = {"name": "status", "type": "Enum", "enumValues": values, **keys}
    if renamed:
        status["renamedValues"] = [{"value": name, "renamedFrom": former} for former, name in renamed.items()]
    return {"name": "Post", "columns": [ID, status]}


async def started(app: App, values: list[str], **keys: Any) -> None:
    """A database with one row for each of *values*, and one without any."""
    app.write(post(values, **keys))
    app.make("before")
    await app.apply()
    rows = [{"id": str(i), "status": value} for i, value in enumerate([*values, None])]
    await app.read(lambda tx: tx.connection.execute(tx.schema["Post"].insert(), rows))


async def held(app: App) -> list[Any]:
    return [value for (value,) in await app.rows("SELECT status FROM posts ORDER BY id")]


@pytest.mark.both_databases
@pytest.mark.parametrize("by_draft", [False, True])
async def test_rows_follow_renamed_values_and_come_back(app: App, by_draft: bool) -> None:
    """Quotes, colons, percent signs and braces are values like others; a default follows too, and nothing is lost."""
    await started(app, VALUES, defaultValue="draft", isRequired=False)
    before = await app.read(structure)
    values = [RENAMED.get(value, value) for value in VALUES]
    app.write(post([*values, "another"], RENAMED, defaultValue="new", isRequired=False))
    if by_draft:
        await app.draft()
    else:
        app.make("after")
        await app.apply()
    assert await held(app) == [*values, None]
    assert await app.read(structure) == await as_made_at_once(app)
    assert await app.drift() == []
    if not by_draft:
        await app.roll_back()
        assert await held(app) == [*VALUES, None]
        assert await app.read(structure) == before


@pytest.mark.both_databases
async def test_a_renamed_value_of_the_same_length_is_renamed(app: App) -> None:
    """Where the column's type in the database stays the same, nothing but the statement changes rows."""
    await started(app, ["aa", "bb"])
    app.write(post(["cc", "bb"], {"aa": "cc"}))
    app.make("after")
    await app.apply()
    assert await held(app) == ["cc", "bb", None]


@pytest.mark.both_databases
async def test_a_value_that_goes_beside_one_that_is_renamed_is_refused(app: App) -> None:
    """With the number of its rows and the key of one, before anything changes; without such rows it goes."""
    await started(app, ["a", "b", "c"])
    app.write(post(["aa", "c"], {"a": "aa"}))
    with pytest.raises(RowsViolateChange, match=r"Post.status .*change these first \(1, such as id '1'\)\."):
        await app.draft(allow_data_loss=True)
    with pytest.raises(DataLoss):
        app.make("after")
    app.make("after", allow_data_loss=True)
    with pytest.raises(SetupError, match=r"posts.status .*change these first \(1, such as id '1'\)\."):
        await app.apply()
    assert await held(app) == ["a", "b", "c", None]
    await app.run("DELETE FROM posts WHERE status = 'b'")
    await app.apply()
    assert await held(app) == ["aa", "c", None]


async def test_a_declaration_may_stay_when_the_rename_is_done(sqlite_app: App) -> None:
    """Then it says nothing; the former name may also come back as a value of its own."""
    await started(sqlite_app, ["a", "b"])
    sqlite_app.write(post(["aa", "b"], {"a": "aa"}))
    sqlite_app.make("after")
    await sqlite_app.apply()
    assert sqlite_app.make("again") is None
    sqlite_app.write(post(["aa", "b", "a"]))
    sqlite_app.make("both")
    await sqlite_app.apply()
    assert await held(sqlite_app) == ["aa", "b", None]
    sqlite_app.write(post(["aa", "b", "a", "c"], {"d": "c"}))
    sqlite_app.make("one more")
    await sqlite_app.apply()
    assert await held(sqlite_app) == ["aa", "b", None]


@pytest.mark.parametrize(
    ("values", "renamed", "problem"),
    [
        (["a"], [("c", "b")], 'tables[0].columns[1].renamedValues[0].value: "c" is not one of enumValues'),
        (["a", "b"], [("a", "b")], 'renamedValues[0].renamedFrom: "b" is still one of enumValues'),
        (["a", "b"], [("a", "x"), ("b", "x")], "renamedValues[1]: is the second for one value"),
        (["a", "b"], [("a", "x"), ("a", "y")], "renamedValues[1]: is the second for one value"),
    ],
)
def test_a_declaration_that_says_nothing_is_refused(
    sqlite_app: App, values: list[str], renamed: list[tuple[str, str]], problem: str
) -> None:
    """By its place."""
    table = post(values)
    table["columns"][1]["renamedValues"] = [{"value": value, "renamedFrom": former} for value, former in renamed]
    sqlite_app.write(table)
    with pytest.raises(DesignError) as refused:
        _ = sqlite_app.design
    assert problem in str(refused.value)
