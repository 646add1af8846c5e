"""`gatewright design`: what a shell sees of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.design.files import load_complete_design
from gatewright.migrations.make import make
from tests.cli.conftest import Shell
from tests.design.documents import TUTORIAL
from tests.generator.designs import ID, post

POST = """
// The tutorial's next table, as it writes tables.
{
  name: "Post",
  columns: [
    { name: "id", type: "String", isPrimaryKey: true, defaultValue: "cuid()" },
    { name: "title", type: "String", isRequired: true },
    { name: "authorId", type: "String", isRequired: true, references: "User" },
  ],
}
"""


def tables(shell: Shell) -> dict[str, Any]:
    document = json.loads((shell.folder / "db.design.json").read_text())
    return {table["name"]: table for table in document["tables"]}


def columns(shell: Shell, name: str) -> list[str]:
    return [column["name"] for column in tables(shell)[name]["columns"]]


def design(shell: Shell, *given: object) -> None:
    (shell.folder / "db.design.json").write_text(json.dumps({"tables": given}))


def test_the_tutorials_tables_are_taken_in(shell: Shell) -> None:
    """As they are typed there, and completed with the engine's columns; the second time is no change."""
    ended = shell.run("design", "import", "-", stdin=TUTORIAL.encode())
    assert (ended.status, ended.err) == (0, "")
    assert list(tables(shell)) == ["User", "RefreshToken", "EmailVerification"]
    assert {"emailKey", "disabledAt"} <= set(columns(shell, "User"))
    before = (shell.folder / "db.design.json").read_bytes()
    assert shell.run("design", "check").status == 0
    again = shell.run("design", "import", "-", stdin=TUTORIAL.encode())
    assert again.out == "db.design.json already contains these tables.\n"
    assert (shell.folder / "db.design.json").read_bytes() == before


def test_a_table_comes_beside_the_others(shell: Shell) -> None:
    """It may refer to tables that the design holds; columns that a design added to the engine's tables stay."""
    design(
        shell, {"name": "User", "columns": [ID, {"name": "phone", "type": "String"}]}, {"name": "Tag", "columns": [ID]}
    )
    (shell.folder / "post.js").write_text(POST.replace('references: "User"', 'references: "Tag"'))
    ended = shell.run("design", "import", "post.js")
    assert (ended.status, ended.err) == (0, "")
    assert "+ Post" in ended.out.splitlines()
    assert {"User", "Tag", "Post"} <= set(tables(shell))
    assert "phone" in columns(shell, "User")


def test_no_column_is_dropped_unasked(shell: Shell) -> None:
    """A table that lacks columns is refused and named; `--replace` takes it."""
    design(shell, post())
    ended = shell.run("design", "import", "-", stdin=POST.encode())
    assert "Post.body" in ended.refused()
    assert "body" in columns(shell, "Post")
    assert shell.run("design", "import", "-", "--replace", stdin=POST.encode()).status == 0
    assert "body" not in columns(shell, "Post")


def test_what_cannot_be_read_is_told(shell: Shell) -> None:
    """Code instead of literals, a clash with the engine, bytes that are no text, a file that is not there."""
    for text, message in (
        (b"{ name: process.env.NAME }", "only literals are read"),
        (TUTORIAL.replace('name: "email", type: "String"', 'name: "email", type: "Int"').encode(), "User.email"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "the file is empty"),
    ):
        ended = shell.run("design", "import", "-", stdin=text)
        assert ended.status == 1
        assert message in ended.err
    assert "cannot be read" in shell.run("design", "import", "missing.js").refused(2)
    assert list(shell.folder.iterdir()) == []


def test_check_lists_every_problem(shell: Shell) -> None:
    """All of them at once, those of features that are not built yet included."""
    design(
        shell, {"name": "Post", "columns": [ID, {"name": "class", "type": "Strin"}]}, {"name": "Post", "columns": []}
    )
    ended = shell.run("design", "check")
    assert (ended.status, ended.out) == (1, "")
    assert "db.design.json: tables[0].columns[1].type" in ended.err
    assert "db.design.json: tables[1].name" in ended.err


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        '{"tables": [5]}',
        '{"tables": [{"name": "Post", "columns": []}]}',
        '{"tables": [{"name": "Post", "dbName": "a.b", "columns": [{"name": "id", "type": "String", '
        '"isPrimaryKey": true}]}]}',
        '{"tables": [{"name": "User", "columns": [{"name": "role", "type": "Int"}]}]}',
    ],
    ids=["not JSON", "no table", "no column", "not built", "a clash"],
)
def test_each_problem_of_a_damaged_design_begins_with_its_file(shell: Shell, damage: str) -> None:
    """Whatever is wrong: a reader of a log knows where to look."""
    (shell.folder / "db.design.json").write_text(damage)
    assert_names_file(shell, "design check")


def test_every_command_names_the_damaged_file(shell: Shell) -> None:
    """Whichever meets it, the server at its start too."""
    (shell.folder / "app").mkdir()
    (shell.folder / "db.design.json").write_text('{"tables": [{"name": "User", "columns": [5]}, 5]}')
    for command in ("generate", "migrate make -m x", "serve --port 0", "migrate apply"):
        assert_names_file(shell, command)


def assert_names_file(shell: Shell, command: str) -> None:
    ended = shell.run(*command.split())
    assert ended.status == 1
    lines = ended.err.removeprefix("error: ").splitlines()
    assert lines
    assert [line for line in lines if not line.startswith("db.design.json: ")] == []


def test_a_damaged_import_is_named_and_so_is_a_damaged_snapshot(shell: Shell) -> None:
    """Each by the path that leads to it from the working directory."""
    (shell.folder / "posts.js").write_text("{ name: }")
    assert shell.run("design", "import", "posts.js").refused().startswith("posts.js: ")
    assert shell.run("design", "import", "-", stdin=b"{").refused().startswith("standard input: ")
    assert shell.run("init", "app").status == 0
    (snapshot,) = (shell.folder / "app/migrations/versions").glob("*.design.json")
    snapshot.write_text("{")
    ended = shell.run("design", "diff", cwd=str(shell.folder / "app"))
    assert ended.refused().startswith(f"migrations/versions/{snapshot.name}: not JSON")
    design(shell, post(dbName="a.b"))
    assert "a name with a dot or a double quote is not built yet" in shell.run("design", "check").refused()


def test_diff_compares_with_the_newest_migration(shell: Shell) -> None:
    """Without one, everything is new; with it, only what came since."""
    design(shell, post())
    assert "+ Post" in shell.run("design", "diff").out.splitlines()
    make(shell.folder, load_complete_design(shell.folder, engine_tables()), "posts")
    assert shell.run("design", "diff").out == "The database stays as it is.\n"
    changed = post(indexes=[{"columns": ["title"]}])
    changed["columns"] = [*changed["columns"][:2], {"name": "views", "type": "Int"}, changed["columns"][3]]
    design(shell, changed)
    assert shell.run("design", "diff").out.splitlines() == [
        "+ Post.views: Int",
        "- Post.body: Text",
        "+ Post, index on title",
    ]


def test_diff_compares_with_another_design(shell: Shell) -> None:
    """A file, or what another branch holds, from standard input."""
    design(shell, post())
    former = json.dumps({"tables": []}).encode()
    assert shell.run("design", "diff", "-", stdin=former).out == "+ Post\n"
    (shell.folder / "former.json").write_bytes(former)
    assert shell.run("design", "diff", "former.json").out == "+ Post\n"


def test_closed_references_are_listed_with_the_line_that_opens_them(shell: Shell) -> None:
    """Those that some caller may set and not to every row; each line may be pasted as it stands, and opens one."""
    paper = post(access={"create": "authenticated", "read": ["owner", "role:EDITOR"], "ownerColumn": "authorId"})
    topic = {"name": "Topic", "columns": [ID], "access": {"read": "authenticated"}}
    references: dict[str, Any] = {
        "postId": {"table": "Post", "onDelete": "cascade"},
        "topicId": "Topic",
        "readerId": "User",
        "openId": {"table": "Post", "anyRow": True},
    }
    columns = [{"name": name, "type": "String", "references": to} for name, to in references.items()]

    def comment(name: str, **access: str) -> dict[str, Any]:
        return {"name": name, "columns": [ID, *columns], "access": access}

    user = {"name": "User", "columns": [ID, {**columns[1], "isInput": True}]}
    editors, guests = comment("Edit", update="role:EDITOR"), comment("Guest", create="public")
    design(shell, user, paper, topic, comment("Comment", create="authenticated"), comment("Log"), editors, guests)
    ended = shell.run("design", "check")
    assert (ended.status, ended.err) == (0, "")
    listed = [line.strip() for line in ended.out.splitlines()[2:]]
    by_post = '"references": {"table": "Post", "onDelete": "cascade", "anyRow": true}'
    assert listed == [
        'User.topicId: "references": {"table": "Topic", "anyRow": true}',
        f"Comment.postId: {by_post}",
        'Comment.readerId: "references": {"table": "User", "anyRow": true}',
        'Edit.readerId: "references": {"table": "User", "anyRow": true}',
        f"Guest.postId: {by_post}",
        'Guest.topicId: "references": {"table": "Topic", "anyRow": true}',
        'Guest.readerId: "references": {"table": "User", "anyRow": true}',
    ]
    columns[0] |= json.loads("{" + by_post + "}")
    design(shell, user, paper, topic, comment("Comment", create="authenticated"))
    assert [line.partition(":")[0].strip() for line in shell.run("design", "check").out.splitlines()[2:]] == [
        "User.topicId",
        "Comment.readerId",
    ]


def test_a_design_without_closed_references_says_so_in_a_line(shell: Shell) -> None:
    """Nothing is listed where everyone who may set a reference may read what it names."""
    design(shell, post(access={"create": "authenticated", "ownerColumn": "authorId"}))
    assert len(shell.run("design", "check").out.splitlines()) == 1


def test_check_lists_values_that_stay_taken_after_a_deletion(shell: Shell) -> None:
    """Those that a reference needs; the others are free for new rows."""
    texts = [{"name": name, "type": "String", "isUnique": True} for name in ("slug", "code")]
    reference = {"name": "postSlug", "type": "String", "references": {"table": "Post", "column": "slug"}}
    paper = {"name": "Post", "columns": [ID, *texts], "softDelete": True}
    design(shell, paper, {"name": "Note", "columns": [ID, reference]})
    _, heading, *listed = shell.run("design", "check").out.splitlines()
    assert heading.startswith("Values that deleted rows keep")
    assert listed == ["  Post.slug"]
    design(shell, paper)
    assert len(shell.run("design", "check").out.splitlines()) == 1


def test_check_says_which_tables_sqlite_cannot_hold(shell: Shell) -> None:
    """Before a start on SQLite refuses them."""
    design(shell, {"name": "Note", "dbSchema": "desk", "columns": [ID]})
    checked = shell.run("design", "check")
    assert checked.status == 0
    assert "Schemas, which SQLite does not have; this app needs PostgreSQL: Note (desk)." in checked.out
