"""`generate` as a whole: what it makes, leaves alone, refuses and says."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from gatewright.design.problems import DesignError
from gatewright.errors import SetupError
from gatewright.generator import cache, render
from gatewright.generator.plan import EditedFiles
from gatewright.generator.run import Outcome, generate, preview
from tests.generator.apps import run
from tests.generator.designs import ID, fragments, post, write

HERE = Path(__file__).parent
ACCESS = {"list": "public", "update": "role:EDITOR"}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app with the tutorial's tables and `Post`, generated."""
    write(tmp_path, post())
    generate(tmp_path, fragments)
    return tmp_path


def tree(app: Path) -> dict[str, bytes]:
    return {p.relative_to(app).as_posix(): p.read_bytes() for p in (app / "app").rglob("*") if p.is_file()}


def changed(outcome: Outcome) -> list[str]:
    return [change.path for change in outcome.changes]


def again(app: Path, *tables: dict[str, Any]) -> Outcome:
    """Change the design and generate."""
    write(app, *tables)
    return generate(app, fragments)


def test_each_table_has_its_folder_and_its_module(app: Path) -> None:
    """The engine's tables too, which are read through resources as well."""
    tables = ["email_verification", "post", "refresh_token", "user"]
    for parent in ("generated", "modules"):
        folders = sorted(path.parent.name for path in (app / "app" / parent).glob("*/router.py"))
        assert folders == tables


def test_nothing_changes_the_second_time(app: Path) -> None:
    """The same design gives the same bytes, and what is the same is not even opened for writing."""
    before = {path: (app / path).stat() for path in tree(app)}
    assert generate(app, fragments).is_empty
    (app / cache.FOLDER / "generated").unlink()
    assert generate(app, fragments).is_empty
    assert {path: (app / path).stat() for path in tree(app)} == before


def test_an_unchanged_design_is_not_rendered(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last run made of these very inputs is only compared with its hashes."""
    monkeypatch.setattr(render, "render", None)
    assert generate(app, fragments).is_empty
    assert preview(app, fragments).is_empty


def test_a_new_column_changes_what_has_to(app: Path) -> None:
    """Model and schemas of its table, and no other file."""
    table = post()
    table["columns"] = [*table["columns"], {"name": "views", "type": "Int"}]
    assert changed(again(app, table)) == ["post/models.py", "post/schemas.py"]


def test_a_module_is_made_once(app: Path) -> None:
    """What somebody does in `app/modules/` survives every regeneration, a deleted file included."""
    module = app / "app/modules/post"
    (module / "service.py").write_text("# mine\n")
    (module / "__init__.py").unlink()
    outcome = again(app, post(access=ACCESS))
    assert outcome.made == ()
    assert (module / "service.py").read_text() == "# mine\n"
    assert not (module / "__init__.py").exists()


def test_a_deleted_module_is_made_anew(app: Path) -> None:
    """The app needs it to start; deleting the folder is how somebody begins again. The outcome says so."""
    before = tree(app)
    for path in (app / "app/modules/post").iterdir():
        path.unlink()
    (app / "app/modules/post").rmdir()
    assert generate(app, fragments).made == ("post",)
    assert tree(app) == before


def test_a_module_outlives_its_table(app: Path) -> None:
    """The generated folder goes, somebody's own folder stays, and a note says that it does."""
    outcome = again(app)
    assert not (app / "app/generated/post").exists()
    assert (app / "app/modules/post/router.py").exists()
    assert outcome.notes == ("modules/post/ stays, although its table is gone. Delete it if nothing needs it.",)
    assert b"post" not in (app / "app/generated/routers.py").read_bytes()


def test_an_edit_stops_the_run(app: Path) -> None:
    """Nothing is written, also where nothing was edited, and the error says where the edit belongs."""
    edited = app / "app/generated/post/service.py"
    edited.write_text(edited.read_text() + "\nMINE = 1\n")
    write(app, post(), {"name": "Tag", "columns": [ID]})
    before = tree(app)
    with pytest.raises(EditedFiles) as caught:
        generate(app, fragments)
    assert "+MINE = 1" in str(caught.value)
    assert "app/modules/post/service.py" in str(caught.value)
    assert tree(app) == before
    with pytest.raises(EditedFiles):
        preview(app, fragments)


def test_a_preview_writes_nothing(app: Path) -> None:
    """It says what would change, also with a module that would be made."""
    write(app, post(), {"name": "Tag", "columns": [ID]})
    before = tree(app)
    outcome = preview(app, fragments)
    assert "tag/models.py" in changed(outcome)
    assert outcome.made == ("tag",)
    assert "+class Tag(Base):" in outcome.diff()
    assert tree(app) == before


def test_a_wrong_design_stops_the_run(app: Path) -> None:
    """Also one that uses what is not built yet."""
    before = tree(app)
    for table in (post(dbName="blog.posts"), {"name": "Tag", "columns": []}):
        write(app, table)
        with pytest.raises(DesignError):
            generate(app, fragments)
    assert tree(app) == before


def test_two_runs_do_not_meet(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one waits, and is told after a while; the lock is the system's, so it goes with its process."""
    if os.name == "nt":
        pytest.skip("needs fork")
    held, release = multiprocessing.get_context("spawn").Event(), multiprocessing.get_context("spawn").Event()
    other = multiprocessing.get_context("spawn").Process(target=hold, args=(app, held, release))
    other.start()
    try:
        assert held.wait(60)
        monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 0.1)
        with pytest.raises(SetupError, match="Another `gatewright generate` is at work"):
            generate(app, fragments)
        monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 60)
        threading.Timer(0.2, other.kill).start()
        assert generate(app, fragments).is_empty
    finally:
        other.kill()
        other.join()


def hold(app: Path, held: Any, release: Any) -> None:
    with cache.locked(app):
        held.set()
        release.wait(60)


def test_a_role_that_nobody_can_have_is_noted(app: Path) -> None:
    """A rule for a role that the settings don't know lets nobody in; that is hardly meant."""
    assert again(app, post(access=ACCESS)).notes == (
        "No account can have the role EDITOR, which the access rules of Post name. "
        "Add [roles.EDITOR] to gatewright.toml.",
    )
    (app / "gatewright.toml").write_text("[roles.EDITOR]\n")
    assert again(app, post(access=ACCESS, description="Changed.")).notes == ()


def test_a_permission_that_only_administrators_have_is_noted(app: Path) -> None:
    """A role grants it by its name, or by a kind of permissions."""
    access = {"list": "permission:posts:read", "create": "authenticated", "ownerColumn": "authorId"}
    assert again(app, post(access=access)).notes == (
        "Only ADMIN has the permission posts:read, which the access rules of Post name. "
        "Add it to [roles.NAME] in gatewright.toml.",
    )
    (app / "gatewright.toml").write_text('[roles.EDITOR]\npermissions = ["posts:*"]\n')
    assert again(app, post(access=access, description="Changed.")).notes == ()


def test_what_the_tests_cannot_do_is_noted(app: Path) -> None:
    """A pattern that no value is known for: the tests leave the rows out, and a note asks for an example."""
    table = post()
    table["columns"] = [
        *table["columns"],
        {"name": "iban", "type": "String", "isRequired": True, "pattern": "^QQ[0-9]{9}Z$"},
    ]
    (note,) = again(app, table).notes
    assert note.startswith("The generated tests make no posts: no value for Post.iban is known")
    table["columns"][-1]["example"] = "QQ123456789Z"
    assert again(app, table).notes == ()


def test_a_folder_without_an_app_is_told(tmp_path: Path) -> None:
    """Nothing is made in the wrong place."""
    with pytest.raises(SetupError, match="There is no folder app/"):
        generate(tmp_path, fragments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tool", ["jinja2", "ruff"])
def test_a_missing_tool_is_named(app: Path, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install; nothing is written."""
    monkeypatch.setattr(render, "find_spec", lambda name: None if name == tool else object())
    write(app, post(description="Changed."))
    with pytest.raises(SetupError, match=rf"{tool} is missing.*gatewright\[dev\]"):
        generate(app, fragments)


def test_a_template_takes_the_place_of_ours(app: Path, tmp_path: Path) -> None:
    """By its name; the others stay ours, and giving it counts as a change."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "package.py.jinja").write_text("NAME = {{ table.name|string|literal }}\n")
    generate(app, fragments, templates=templates)
    assert (app / "app/generated/post/__init__.py").read_text() == 'NAME = "Post"\n'
    assert generate(app, fragments, templates=templates).is_empty
    assert not generate(app, fragments).is_empty


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "package.py.jinja",
            "\n{{ table.nme }}",
            "package.py.jinja can't be printed, line 2: .* has no attribute 'nme'",
        ),
        ("package.py.jinja", "{{ 'text' }}", "it prints str, which is no source"),
        ("package.py.jinja", "\n\n{% for %}", "can't be printed, line 3: "),
        ("package.py.jinja", "class", "can't be laid out"),
        ("pakage.py.jinja", "", "there is no template pakage.py.jinja"),
    ],
)
def test_a_wrong_template_is_told(app: Path, tmp_path: Path, name: str, text: str, message: str) -> None:
    """Names that are not there, text that was not made a literal, wrong syntax, wrong Python, a misspelt file."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / name).write_text(text)
    before = tree(app)
    with pytest.raises(SetupError, match=message):
        generate(app, fragments, templates=templates)
    assert tree(app) == before


@pytest.mark.parametrize(
    "escape",
    [
        "{{ table.name.__class__.__mro__[1].__subclasses__()|literal }}",
        "{{ app.__init__.__globals__['__builtins__']['open']('escaped', 'w') }}",
        "{{ literal.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('touch escaped') }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(table)|literal }}",
        "{% set _ = app.tables.__class__.__mro__ %}{{ _[0]|string|literal }}",
    ],
)
def test_a_template_does_nothing_but_print(app: Path, tmp_path: Path, escape: str) -> None:
    """A team's templates come with its repository: none runs code of its own on the machine that generates."""
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "package.py.jinja").write_text(escape)
    before = tree(app)
    with pytest.raises(SetupError, match=r"package\.py\.jinja can't be printed"):
        generate(app, fragments, templates=templates)
    assert tree(app) == before
    assert not list(tmp_path.rglob("escaped"))


LINKS = (
    "app/generated",
    "app/generated/post",
    "app/modules",
    ".gatewright",
    ".gatewright/cache",
    ".gatewright/cache/generate.lock",
    ".gatewright/design.schema.json",
)


def test_nothing_is_written_through_a_link_that_leads_out_of_the_app(
    app: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A repository can bring links along; what they lead to stays as it is, and the message names them."""
    generate(app, fragments)
    write(app, post(description="Changed."))
    for name in LINKS:
        outside, link = tmp_path_factory.mktemp("outside") / "real", app / name
        shutil.move(link, outside)
        link.symlink_to(outside)
        before = tree(outside) if outside.is_dir() else outside.read_bytes()
        with pytest.raises(SetupError, match="is behind a link that leads out of the app, to ") as refused:
            generate(app, fragments)
        assert str(link) in str(refused.value)
        assert (tree(outside) if outside.is_dir() else outside.read_bytes()) == before
        link.unlink()
        shutil.move(outside, link)
    assert not generate(app, fragments).is_empty


def test_a_link_that_stays_in_the_app_is_no_concern(app: Path) -> None:
    """Nor is one that leads to the app itself."""
    generate(app, fragments)
    (app / "app/generated").rename(app / "app/elsewhere")
    (app / "app/generated").symlink_to("elsewhere")
    write(app, post(description="Changed."))
    linked = app / "linked"
    linked.symlink_to(".")
    assert not generate(linked, fragments).is_empty
    assert "Changed." in (app / "app/elsewhere/post/models.py").read_text()


@pytest.mark.extra
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("kind", ["new", pytest.param("renamed", marks=pytest.mark.extra)])
def test_a_killed_run_leaves_a_whole_tree(tmp_path: Path, kind: str) -> None:
    """SIGKILL between any two steps on the disk: what is left can be imported, and the next run completes."""
    done = run(tmp_path, "tests.generator.killing", str(tmp_path), "30", "1", kind, PYTHONPATH=f"{HERE.parents[1]}")
    assert "killed at 30 of" in done
