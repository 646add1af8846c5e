"""`gatewright generate`: what a shell sees of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.generator.designs import ID, post


@pytest.fixture
def app(shell: Shell) -> Path:
    """The shell's folder, with an app whose design has `Post`."""
    (shell.folder / "app").mkdir()
    design(shell.folder, post())
    return shell.folder


def design(folder: Path, *tables: object) -> None:
    (folder / "db.design.json").write_text(json.dumps({"tables": tables}))


def test_it_says_what_it_made(shell: Shell, app: Path) -> None:
    """Files and modules, and what is theirs from now on; the second time there is nothing to do."""
    ended = shell.run("generate")
    assert (ended.status, ended.err) == (0, "")
    assert "created  app/modules/post/, which is yours to edit" in ended.out.splitlines()
    assert (app / "app/generated/post/models.py").exists()
    assert shell.run("generate").out == "Nothing to do: the code is up to date.\n"


def test_check_tells_a_stale_tree(shell: Shell, app: Path) -> None:
    """Exit status 1 and nothing written, as CI needs it; 0 once it is generated."""
    ended = shell.run("generate", "--check")
    assert (ended.status, ended.err) == (1, "")
    assert "Run: gatewright generate" in ended.out
    assert list((app / "app").iterdir()) == []
    shell.run("generate")
    assert shell.run("generate", "--check").status == 0


def test_a_dry_run_prints_the_diff(shell: Shell, app: Path) -> None:
    """Nothing is written, and the exit status is 0."""
    shell.run("generate")
    design(app, post(), {"name": "Tag", "columns": [ID]})
    ended = shell.run("generate", "--dry-run")
    assert (ended.status, ended.err) == (0, "")
    assert "+++ app/generated/tag/models.py" in ended.out
    assert "app/modules/tag/ would be created" in ended.out
    assert not (app / "app/generated/tag").exists()


def test_an_edit_is_shown(shell: Shell, app: Path) -> None:
    """The refusal holds the diff, and says where the change belongs."""
    shell.run("generate")
    edited = app / "app/generated/post/router.py"
    edited.write_text(edited.read_text() + "MINE = 1\n")
    for options in ([], ["--check"], ["--dry-run"]):
        design(app, post(description="Changed."))
        ended = shell.run("generate", *options)
        assert (ended.status, ended.out) == (1, "")
        assert "+MINE = 1" in ended.err
        assert "app/modules/post/router.py" in ended.err


def test_a_wrong_design_is_told(shell: Shell, app: Path) -> None:
    """With the path and the nearest right answer, and without a traceback."""
    design(app, {"name": "Post", "columns": [ID, {"name": "authorId", "type": "String", "references": "Usr"}]})
    problem = 'tables[0].columns[1].references: no table "Usr"; did you mean "User"?'
    assert shell.run("generate").refused() == f"db.design.json: {problem}"


def test_a_folder_without_an_app_is_told(shell: Shell) -> None:
    """Nothing is made where nobody asked for it."""
    assert "There is no folder app/" in shell.run("generate").refused()
    assert list(shell.folder.iterdir()) == []


def test_a_setting_names_templates_of_ones_own(shell: Shell, app: Path) -> None:
    """Every run takes them, so that whoever checks the tree says the same as whoever wrote it; the flag decides."""
    for name in ("ours", "others"):
        (app / name).mkdir()
        (app / name / "package.py.jinja").write_text(f'"""Of {name}."""\n')
    (app / "gatewright.toml").write_text('[generator]\ntemplate = "ours"\n\n[password]\n')
    package = app / "app/generated/post/__init__.py"
    assert shell.run("generate").status == 0
    assert package.read_text() == '"""Of ours."""\n'
    assert shell.run("generate", "--check").status == 0
    assert shell.run("generate", "--check", "--template", "others").status == 1
    assert shell.run("generate", "--template", "others").status == 0
    assert package.read_text() == '"""Of others."""\n'
    ended = shell.run("generate", "--check")
    assert (ended.status, "app/generated/post/__init__.py" in ended.out) == (1, True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ('[generator]\ntemplate = "nowhere"\n', "[generator] template: the folder nowhere does not exist."),
        ('[generator]\ntemplates = "ours"\n', "generator.templates"),
        ("[generator\n", "gatewright.toml"),
    ],
)
def test_a_setting_that_names_none_is_told(shell: Shell, app: Path, settings: str, message: str) -> None:
    """Nothing is written with other templates than were meant."""
    (app / "gatewright.toml").write_text(settings)
    ended = shell.run("generate")
    assert ended.status == 1
    assert message in ended.err
    assert list((app / "app").iterdir()) == []
