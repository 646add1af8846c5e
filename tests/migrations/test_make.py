"""What `migrate make` writes, and what it refuses."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.errors import SetupError
from gatewright.migrations.losses import DataLoss
from gatewright.migrations.make import make
from tests.migrations.apps import POST, App, post, without

HOSTILE = [
    "it's",
    'say "no"',
    '"""',
    "'''",
    "\\",
    "\\'",
    '\\"; import os; "',
    "{table}",
    "{{ 7 * 7 }}",
    "%s %(x)s %",
    ":bound",
    "a:b::c",
    "\\:x",
    "x CONSTRAINT a CHECK (1)",
    "'); DROP TABLE users; --",
    "\n\t",
    "\u2028",
    "__import__('os').system('true')",
    "\N{GRINNING FACE}",
]


def test_two_revisions_of_one_change_have_the_same_bytes(sqlite_app: App, tmp_path: Path) -> None:
    """What is written follows from the design alone."""
    other = App(tmp_path / "other", sqlite_app.url)
    other.folder.mkdir()
    other.write(POST)
    here, there = sqlite_app.make("posts"), other.make("posts")
    assert here is not None
    assert there is not None
    assert here.name == there.name
    assert here.read_bytes() == there.read_bytes()


def test_a_revision_looks_as_if_a_person_had_written_it(sqlite_app: App) -> None:
    """The linter and the formatter have nothing to say."""
    sqlite_app.make("start")
    sqlite_app.write(
        post(
            {"name": "slug", "type": "String", "isUnique": True, "isRequired": True, "defaultValue": "cuid()"},
            {"name": "publishedAt", "type": "DateTime", "isUpdatedAt": True},
            {"name": "price", "type": "Decimal", "precision": 9, "scale": 2, "isRequired": True},
            {"name": "publicKey", "type": "Uuid", "defaultValue": "uuid()"},
            {"name": "kind", "type": "Enum", "enumValues": ["draft", "published"], "defaultValue": "draft"},
        )
    )
    sqlite_app.make("more", defaults={"Post.price": "1.50"})
    for command in (["check", "--select=E,F,I,UP,S,B"], ["format", "--diff"]):
        described = ruff(*command, str(sqlite_app.folder / "migrations"))
        assert described.returncode == 0, described.stdout


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    options = ["--isolated", "--line-length=120", "--target-version=py311"]
    command = [sys.executable, "-m", "ruff", *arguments, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_design_that_changes_nothing_makes_no_revision(sqlite_app: App) -> None:
    """Words about a table are no change of the database."""
    sqlite_app.make("start")
    assert sqlite_app.make("again") is None
    sqlite_app.write({**POST, "description": "What somebody wrote.", "access": {"list": "public"}})
    assert sqlite_app.make("again") is None


@pytest.mark.parametrize(
    ("table", "described"),
    [
        (without("body"), "Post.body is dropped, with what rows have in it"),
        (None, "Post is dropped, with all its rows"),
        (post({"name": "views", "type": "Int", "isRequired": True}), "Post.views is required"),
        (
            {**POST, "columns": [*without("body")["columns"], {"name": "body", "type": "Text", "isRequired": True}]},
            "Post.body",
        ),
        (
            {**POST, "columns": [*without("body")["columns"], {"name": "body", "type": "Text", "maxLength": 9}]},
            "takes less",
        ),
    ],
)
def test_what_can_lose_data_is_told_and_needs_a_yes(
    sqlite_app: App, table: dict[str, object] | None, described: str
) -> None:
    """Nothing is written before somebody says so."""
    sqlite_app.make("start")
    before = sorted(sqlite_app.folder.rglob("*.py"))
    sqlite_app.write(*([table] if table else []))
    with pytest.raises(DataLoss, match=described):
        sqlite_app.make("less")
    assert sorted(sqlite_app.folder.rglob("*.py")) == before
    assert sqlite_app.make("less", allow_data_loss=True)


@pytest.mark.parametrize(
    ("table", "described"),
    [
        ({**POST, "columns": [*without("body")["columns"], {"name": "body", "type": "Bytes"}]}, "type .Text to Bytes"),
        (post({"name": "lang", "type": "String", "isPrimaryKey": True}), "changing the key"),
    ],
)
def test_what_is_not_built_yet_is_refused(sqlite_app: App, table: dict[str, object], described: str) -> None:
    """A rename is not done as a drop and an addition, and a change of type is not passed over."""
    sqlite_app.make("start")
    sqlite_app.write(table)
    with pytest.raises(SetupError, match=f"not built yet[^|]*{described}"):
        sqlite_app.make("other", allow_data_loss=True)


@pytest.mark.parametrize(
    ("given", "described"),
    [({"Post.title": "x"}, "becomes required .Post.views."), ({"Post.views": "many"}, "not a whole number")],
)
def test_a_default_has_to_fit(sqlite_app: App, given: dict[str, str], described: str) -> None:
    """A default is for a column that becomes required, and of its type."""
    sqlite_app.make("start")
    sqlite_app.write(post({"name": "views", "type": "Int", "isRequired": True}))
    with pytest.raises(SetupError, match=described):
        sqlite_app.make("views", defaults=given)


@pytest.mark.parametrize("message", ["", " \n ", "x" * 101])
def test_a_message_is_needed(sqlite_app: App, message: str) -> None:
    """The file is named after it."""
    with pytest.raises(SetupError, match="message"):
        sqlite_app.make(message)


@pytest.mark.parametrize("text", HOSTILE)
async def test_text_of_a_design_becomes_a_literal_and_never_code(app: App, text: str) -> None:
    """In messages, defaults, values of an Enum, and descriptions; the database has it letter for letter."""
    app.make("start")
    printable = "".join(c for c in text if c.isprintable()) or "x"
    columns = [
        {"name": "word", "type": "String", "defaultValue": text, "description": text},
        {"name": "kind", "type": "Enum", "enumValues": [printable, "other"], "defaultValue": printable},
        {"name": "data", "type": "Json", "defaultValue": {"a": text}},
    ]
    app.write(POST, {"name": "Thing", "columns": [POST["columns"][0], *columns[:1]], "description": text})
    app.make("first")
    await app.apply()
    app.write(POST, {"name": "Thing", "columns": [POST["columns"][0], *columns], "description": text})
    source = app.made(f"x {text}")
    assert calls_in(source) <= {
        "op.batch_alter_table",
        "op.f",
        "op.get_context",
        "ddl_if",
        "batch.add_column",
        "batch.drop_column",
        "batch.create_check_constraint",
        "batch.drop_constraint",
        "sa.Column",
        "sa.Table",
        "sa.MetaData",
        "sa.String",
        "sa.JSON",
        "sa.PrimaryKeyConstraint",
        "sa.CheckConstraint",
    }
    await app.apply()
    await app.run("INSERT INTO things (id) VALUES (:id)", id="1")
    (row,) = await app.rows("SELECT word, kind FROM things")
    assert row == (text, printable)
    await app.roll_back(allow_data_loss=True)
    assert await app.rows("SELECT word FROM things") == [(text,)]


def calls_in(source: str) -> set[str]:
    """The names of all that is called; of a method of what a call returns, its own name."""
    functions = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        each.attr if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Call) else ast.unparse(each)
        for each in functions
    }


def test_a_text_that_is_given_for_the_rows_that_are_there_is_a_literal(sqlite_app: App) -> None:
    """`--default` is typed by a person, and becomes a value."""
    sqlite_app.make("start")
    sqlite_app.write(post({"name": "word", "type": "String", "isRequired": True}))
    source = sqlite_app.made("word", defaults={"Post.word": '"); import os; ("'})
    assert "import os" not in {
        ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import)
    }


def test_a_run_that_ends_between_the_two_files_leaves_no_revision(
    sqlite_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run makes the very revision."""
    real = Path.replace
    placed: list[Path] = []

    def replace(self: Path, target: Path) -> Path:
        if placed:
            raise KeyboardInterrupt
        placed.append(target)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        sqlite_app.make("posts")
    monkeypatch.undo()
    assert sqlite_app.history.head is None
    made = sqlite_app.make("posts")
    assert made is not None
    assert sorted(path.name for path in made.parent.iterdir()) == [f"{made.name[:12]}.design.json", made.name]


def test_a_folder_that_cannot_be_written_is_said(sqlite_app: App) -> None:
    """One line, and no traceback."""
    (sqlite_app.folder / "migrations").write_text("a file")
    with pytest.raises(SetupError, match="cannot be written"):
        make(sqlite_app.folder, sqlite_app.design, "posts")


def test_an_apps_files_are_left_as_they_are(sqlite_app: App) -> None:
    """What a team has written in `migrations/` belongs to it."""
    sqlite_app.make("start")
    env = sqlite_app.folder / "migrations" / "env.py"
    env.write_text(env.read_text() + "\n# ours\n")
    sqlite_app.write()
    sqlite_app.make("none", allow_data_loss=True)
    assert env.read_text().endswith("# ours\n")


def test_two_people_who_come_last_are_told_apart(sqlite_app: App) -> None:
    """Nothing follows two branches before they are merged."""
    first = sqlite_app.make("start")
    assert first is not None
    versions, parent = first.parent, first.name[:12]
    for name in ("one", "two"):
        (versions / f"{name}.py").write_text(f'revision = "{name}"\ndown_revision = "{parent}"\n')
    with pytest.raises(SetupError, match="one.py and two.py both come last"):
        sqlite_app.make("more")


def test_a_script_without_a_snapshot_changes_no_table(sqlite_app: App) -> None:
    """A revision that a person wrote, for its rows, stands between two that were made."""
    first = sqlite_app.make("start")
    assert first is not None
    (first.parent / "mine.py").write_text(f'revision: str = "mine"\ndown_revision: str | None = "{first.name[:12]}"\n')
    assert sqlite_app.make("nothing") is None
    sqlite_app.write(post({"name": "views", "type": "Int"}))
    assert 'down_revision = "mine"' in sqlite_app.made("views")


def test_revisions_are_written_by_whoever_may_read_them(sqlite_app: App) -> None:
    """No unfinished file stays."""
    made = sqlite_app.make("start")
    assert made is not None
    assert not [name for name in made.parent.iterdir() if name.name.startswith(".")]


@pytest.mark.parametrize("name", ["migrations", "migrations/versions", "migrations/env.py", "alembic.ini"])
def test_no_revision_is_written_through_a_link_that_leads_out_of_the_app(
    sqlite_app: App, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """Also where the link leads to nothing yet, and would make it."""
    outside = tmp_path_factory.mktemp("outside") / "made"
    link = sqlite_app.folder / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    with pytest.raises(SetupError, match=f"{link}.* is behind a link that leads out of the app"):
        sqlite_app.make()
    assert not outside.exists()


async def test_no_draft_is_written_through_a_link_that_leads_out_of_the_app(
    sqlite_app: App, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And the database stays as it was."""
    outside = tmp_path_factory.mktemp("outside")
    (sqlite_app.folder / ".gatewright").symlink_to(outside)
    with pytest.raises(SetupError, match="is behind a link that leads out of the app"):
        await sqlite_app.draft()
    assert list(outside.iterdir()) == []
    assert await sqlite_app.tables() == set()
