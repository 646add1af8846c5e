"""Renames: tables and columns get other names in the database, and keep their rows."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.errors import SetupError
from tests.migrations.apps import POST, App, post, without
from tests.migrations.test_changes import ID, SELF, as_made_at_once, structure

TEAM = {
    "name": "Team",
    "columns": [
        {"name": "id", "type": "BigInt", "isPrimaryKey": True, "defaultValue": "autoincrement()"},
        {"name": "code", "type": "String", "isUnique": True, "minLength": 2},
        {"name": "size", "type": "Int", "isIndexed": True, "minValue": 1},
    ],
    "indexes": [{"columns": ["code", "size"]}, {"columns": ["size"], "name": "Sizes"}],
}
PLAYER = {
    "name": "Player",
    "columns": [
        ID,
        {"name": "teamId", "type": "BigInt", "references": "Team"},
        {"name": "team", "type": "String", "references": {"table": "Team", "column": "code"}},
    ],
}
LONG = {**TEAM, "name": "ALongNameOfATableThatHasLongNamesToo", "indexes": []}


def renamed(table: dict[str, Any], name: str | None = None, **columns: str) -> dict[str, Any]:
    """*table* under another name, and with other names for its columns; indexes follow."""
    table = {**table} if name is None else {**table, "name": name, "id": table.get("id", table["name"])}
    table["columns"] = [_renamed(column, columns) for column in table["columns"]]
    indexes = [{**i, "columns": [columns.get(n, n) for n in i["columns"]]} for i in table.get("indexes", [])]
    return {**table, "indexes": indexes}


def _renamed(column: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if column["name"] not in names:
        return column
    return {**column, "name": names[column["name"]], "id": column.get("id", column["name"])}


def retarget(table: dict[str, Any], **targets: object) -> dict[str, Any]:
    """*table* with other targets of its references."""
    columns = [{**c, "references": targets[c["name"]]} if c["name"] in targets else c for c in table["columns"]]
    return {**table, "columns": columns}


ALPHA = {"name": "Alpha", "columns": [ID, {"name": "a", "type": "Int", "isUnique": True}]}
BETA = {"name": "Beta", "columns": [ID, {"name": "a", "type": "Int", "isUnique": True}]}
PAIR = {
    "name": "Pair",
    "columns": [
        ID,
        {"name": "a", "type": "Int", "minValue": 1, "isIndexed": True},
        {"name": "b", "type": "Int", "minValue": 1, "isIndexed": True},
        {"name": "c", "type": "Int", "minValue": 1, "isIndexed": True},
    ],
}
GROUP = renamed(TEAM, "Group", code="badge", size="people")

RENAMES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "a column": ([POST], [renamed(POST, title="headline")]),
    "a column with a reference": ([POST], [renamed(POST, authorId="writerId")]),
    "a table": ([POST], [renamed(POST, "Article")]),
    "by the name in the database": ([POST], [{**POST, "dbName": "Articles"}]),
    "a table and its columns, which others refer to": (
        [TEAM, PLAYER],
        [GROUP, retarget(PLAYER, teamId="Group", team={"table": "Group", "column": "badge"})],
    ),
    "a table that refers to itself": ([SELF], [retarget(renamed(SELF, "Leaf", parentId="stem"), stem="Leaf")]),
    "a swap of columns": ([PAIR], [renamed(PAIR, a="b", b="a")]),
    "a circle of columns": ([PAIR], [renamed(PAIR, a="b", b="c", c="a")]),
    "a chain of columns": ([PAIR], [renamed(PAIR, c="d", b="c", a="b")]),
    "a swap of tables": ([ALPHA, BETA], [renamed(ALPHA, "Beta"), renamed(BETA, "Alpha")]),
    "a column gets the name of one that goes": ([PAIR], [renamed(without("c", PAIR), b="c")]),
    "a table gets the name of one that goes": ([ALPHA, BETA], [renamed(ALPHA, "Beta")]),
    "a new column under the former name": (
        [PAIR],
        [{**renamed(PAIR, a="z"), "columns": [*renamed(PAIR, a="z")["columns"], {"name": "a", "type": "String"}]}],
    ),
    "a new table under the former name": (
        [ALPHA],
        [renamed(ALPHA, "Beta"), {"name": "Alpha", "columns": [ID, {"name": "a", "type": "Int", "isUnique": True}]}],
    ),
    "a rename with other changes": (
        [POST],
        [renamed(post({"name": "views", "type": "Int", "defaultValue": 0}), "Article", title="headline", body="text")],
    ),
    "a name that differs in its case alone": ([POST], [{**POST, "dbName": "Posts"}]),
    "long names": ([LONG], [renamed(LONG, "AnotherLongNameOfATableWithLongNames", code="c" * 22)]),
    "a column of User": (
        [{"name": "User", "columns": [ID, {"name": "phone", "type": "String", "isUnique": True}]}],
        [{"name": "User", "columns": [ID, {"name": "mobile", "type": "String", "isUnique": True, "id": "phone"}]}],
    ),
}


_QUICK = (
    "a table and its columns",
    "a swap of tables",
    "a circle of columns",
    "a table gets the name of one that goes",
)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "change",
    [pytest.param(name, marks=[] if name.startswith(_QUICK) else pytest.mark.extra) for name in RENAMES],
)
async def test_a_rename_makes_the_tables_that_the_design_says_and_can_be_taken_back(app: App, change: str) -> None:
    """What is called after a table or column gets its new name too, as if it had been made so; also on the way back."""
    before, after = RENAMES[change]
    app.write(*before)
    app.make("before")
    await app.apply()
    first = await app.read(structure)

    app.write(*after)
    app.make("after", allow_data_loss=True)
    await app.apply()
    second = await app.read(structure)
    assert second == await as_made_at_once(app)
    assert await app.drift() == []

    await app.roll_back(allow_data_loss=True)
    assert await app.read(structure) == first


@pytest.mark.both_databases
@pytest.mark.parametrize("is_draft", [True, False], ids=["draft", "revision"])
async def test_a_rename_keeps_the_rows(app: App, is_draft: bool) -> None:
    """And the references between them, in both directions; a key that counts up goes on where it was."""
    app.write(TEAM, PLAYER)
    app.make("before")
    await app.apply()
    await app.run("INSERT INTO teams (code, size) VALUES ('red', 3)")
    await app.run("INSERT INTO players (id, team_id, team) SELECT 'p', id, 'red' FROM teams")
    app.write(GROUP, retarget(PLAYER, teamId="Group", team={"table": "Group", "column": "badge"}))
    if is_draft:
        assert (await app.draft()).is_changed
    app.make("after")
    await app.apply()
    joined = "SELECT badge, people, p.id FROM groups g JOIN players p ON p.team_id = g.id AND p.team = g.badge"
    assert await app.rows(joined) == [("red", 3, "p")]
    assert await app.find_damage() == []
    await app.run("INSERT INTO groups (badge, people) VALUES ('blue', 1)")
    await app.roll_back()
    assert await app.rows("SELECT id, code FROM teams ORDER BY id") == [(1, "red"), (2, "blue")]


async def test_columns_swap_their_values(sqlite_app: App) -> None:
    """Each value is under the other name; nothing is dropped, and no yes is needed."""
    sqlite_app.write(PAIR)
    sqlite_app.make("before")
    await sqlite_app.apply()
    await sqlite_app.run("INSERT INTO pairs (id, a, b, c) VALUES ('x', 1, 2, 3)")
    sqlite_app.write(renamed(PAIR, a="b", b="a"))
    sqlite_app.make("swap")
    await sqlite_app.apply()
    assert await sqlite_app.rows("SELECT a, b, c FROM pairs") == [(2, 1, 3)]


async def test_a_former_name_by_hand_is_a_rename_and_its_snapshot_has_the_id(sqlite_app: App) -> None:
    """Later `renamedFrom` may go, and a new column may have the former name."""
    sqlite_app.make("start")
    title = {"name": "title", "type": "String"}
    by_hand = {**renamed(POST, title="headline")}
    by_hand["columns"] = [
        {**{k: v for k, v in c.items() if k != "id"}, **({"renamedFrom": "title"} if c["name"] == "headline" else {})}
        for c in by_hand["columns"]
    ]
    sqlite_app.write(by_hand)
    assert 'op.alter_column("posts", "title", new_column_name="headline")' in sqlite_app.made("headline")
    revisions = sqlite_app.history.revisions
    assert revisions.design_at(sqlite_app.history.head).table("Post").column("headline").id == "title"
    gone = {**by_hand, "columns": [{k: v for k, v in c.items() if k != "renamedFrom"} for c in by_hand["columns"]]}
    sqlite_app.write(gone)
    assert sqlite_app.make("nothing") is None
    sqlite_app.write({**gone, "columns": [*gone["columns"], title]})
    assert "alter_column" not in sqlite_app.made("title again")
    snapshot = sqlite_app.history.revisions.design_at(sqlite_app.history.head).table("Post")
    assert (snapshot.column("headline").id, snapshot.column("title").id) == ("title", "title-2")


def test_a_new_name_without_an_id_for_the_same_column_is_refused_with_what_to_write(sqlite_app: App) -> None:
    """It could be a rename as well as a column that goes and another that comes."""
    sqlite_app.make("start")
    body = {"name": "BODY", "type": "Text"}
    sqlite_app.write({**POST, "columns": [*without("body")["columns"], body]})
    with pytest.raises(SetupError, match=r'Post.BODY .* add "renamedFrom": "body"'):
        sqlite_app.make("other", allow_data_loss=True)


async def test_rows_that_do_not_fit_a_renamed_column_are_found_under_its_former_name(sqlite_app: App) -> None:
    """A rename together with a limit is checked before anything is changed."""
    sqlite_app.write(PAIR)
    sqlite_app.make("before")
    await sqlite_app.apply()
    await sqlite_app.run("INSERT INTO pairs (id, a, b, c) VALUES ('x', 1, 2, 3)")
    table = renamed(PAIR, "Triple", c="third")
    table["columns"] = [{**c, "maxValue": 2} if c["name"] == "third" else c for c in table["columns"]]
    sqlite_app.write(table)
    with pytest.raises(SetupError, match="Triple.third takes less than before"):
        await sqlite_app.draft()
    assert await sqlite_app.rows("SELECT c FROM pairs") == [(3,)]


@pytest.mark.both_databases
async def test_names_with_anything_in_them_are_renamed(app: App) -> None:
    """Tables, columns, constraints and indexes, there and back: percent signs, colons, quotes and backslashes."""

    def named(name: str) -> dict[str, Any]:
        views = {"name": "views", "type": "Int", "dbName": f"{name}v", "minValue": 0, "isUnique": True}
        return post(views, {"name": "parentId", "type": "String", "references": "Post"}, dbName=name)

    names = ("Ünï %(x)s :y", "it's %s", "a\\b:c")
    for name in ("posts", *names):
        app.write(named(name))
        app.make("rename")
    await app.apply()
    assert await app.drift() == []
    for _ in names:
        await app.roll_back(allow_data_loss=True)
        assert await app.drift() == []
