"""`gatewright init`: the app it makes, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.app import engine_tables
from gatewright.errors import SetupError
from gatewright.generator import scaffold
from tests.cli.conftest import Shell

WRITTEN = {
    *(".dockerignore", ".env.example", ".gitignore", "Dockerfile", "README.md", "alembic.ini", "app", "compose.yaml"),
    *("db.design.json", "gatewright.toml", "migrations", "pyproject.toml", "requirements-dev.txt", "requirements.txt"),
    "tests",
}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def run(shell: Shell, app: Path, *command: str) -> str:
    """Run a tool of the app's own; it has to succeed."""
    environment = {**shell.environment, "MYPYPATH": shell.environment["PYTHONPATH"]}
    done = subprocess.run([sys.executable, "-m", *command], cwd=app, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    return done.stdout.decode()


def test_it_makes_an_app_and_asks_nothing(shell: Shell) -> None:
    """The folder is new; what to do next is said."""
    ended = shell.run("init", "myapp")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-2:] == ["  cd myapp", "  gatewright dev"]
    assert names(shell.folder / "myapp") == WRITTEN
    assert names(shell.folder) == {"myapp"}


def test_the_app_passes_the_checks_of_a_strict_team(shell: Shell) -> None:
    """ruff, its layout, mypy --strict, a current tree, and the tests that it was born with."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    run(shell, app, "ruff", "check", "--no-cache")
    run(shell, app, "ruff", "format", "--check", "--no-cache")
    run(shell, app, "mypy", "--strict")
    assert " passed" in run(shell, app, "pytest", "-q", "-p", "no:cacheprovider")
    assert shell.run("generate", "--check", cwd=str(app)).status == 0
    assert shell.run("migrate", "make", "-m", "again", cwd=str(app)).out == (
        "The design changes nothing in the database.\n"
    )


def test_git_sees_no_secret_and_no_database(shell: Shell) -> None:
    """What a run leaves in the folder is ignored from the first commit on."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    shell.settings.pop("GATEWRIGHT_SECRET")
    (app / ".env").write_text("GATEWRIGHT_ENVIRONMENT=development\n")
    assert shell.run("migrate", "apply", cwd=str(app)).status == 0
    assert shell.run("user", "list", cwd=str(app)).status == 0
    assert {".env", ".gatewright", "gatewright.db"} <= names(app)
    subprocess.run(["git", "init", "-q"], cwd=app, check=True)
    done = subprocess.run(["git", "ls-files", "-o", "--exclude-standard"], cwd=app, capture_output=True, check=True)
    listed = {Path(line).parts[0] for line in done.stdout.decode().splitlines()}
    assert listed == WRITTEN


def test_a_folder_with_something_in_it_is_left_alone(shell: Shell) -> None:
    """One line, exit status 1, and every byte as it was; also the second time."""
    (shell.folder / "notes.txt").write_text("mine")
    assert "notes.txt" in shell.run("init", ".").refused()
    assert "is a file" in shell.run("init", "notes.txt").refused()
    assert names(shell.folder) == {"notes.txt"}
    shell.run("init", "myapp")
    assert "is not empty" in shell.run("init", "myapp").refused()


def test_a_new_repository_becomes_an_app(shell: Shell) -> None:
    """`init .` in a folder that holds only `.git`, or what a killed run left."""
    (shell.folder / ".git").mkdir()
    (shell.folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (shell.folder / ".gatewright-init-x").mkdir()
    assert shell.run("init", ".").status == 0
    assert names(shell.folder) == WRITTEN | {".git", ".gatewright-init-x"}
    assert (shell.folder / ".git/HEAD").read_text() == "ref: refs/heads/main\n"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool) -> None:
    """Whether the folder was there or not: it is as before."""
    folder = tmp_path / "myapp"
    if is_there:
        folder.mkdir()

    def fail(*_: object) -> None:
        raise SetupError("halfway")

    monkeypatch.setattr(scaffold, "generate", fail)
    with pytest.raises(SetupError, match="halfway"):
        scaffold.make_app(folder, engine_tables)
    assert names(tmp_path) == ({"myapp"} if is_there else set())
    assert not is_there or names(folder) == set()


def test_a_failure_while_it_is_put_in_place_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was moved before goes again; what was there stays."""
    (tmp_path / ".git").mkdir()
    rename = Path.rename

    def fail_late(self: Path, target: Path) -> Path:
        if target.parent == tmp_path and self.name == "migrations":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_late)
    with pytest.raises(SetupError, match="No space left"):
        scaffold.make_app(tmp_path, engine_tables)
    assert names(tmp_path) == {".git"}


def test_a_hostile_name_of_a_folder_is_no_code(shell: Shell) -> None:
    """Only letters, digits and hyphens of it reach a file."""
    name = 'x"); import os; ("{{ name }}'
    assert shell.run("init", name).status == 0
    assert 'title="x-import-os-name"' in (shell.folder / name / "app/main.py").read_text()
