"""`gatewright init`: the app it makes, and what it leaves alone."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.errors import SetupError
from gatewright.generator import run as generator_run
from gatewright.generator import scaffold
from tests.cli.conftest import Shell
from tests.cli.developing import POST, add_table

WRITTEN = {
    *(
        ".dockerignore",
        ".env",
        ".env.example",
        ".gatewright",
        ".gitattributes",
        ".gitignore",
        "Dockerfile",
        "README.md",
        "alembic.ini",
        "app",
        "compose.yaml",
    ),
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


@pytest.mark.extra
def test_the_app_passes_the_checks_of_a_strict_team(shell: Shell) -> None:
    """ruff, its layout, mypy --strict, a current tree, and the tests that it was born with."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    run(shell, app, "ruff", "check", "--no-cache")
    run(shell, app, "ruff", "format", "--check", "--no-cache")
    run(shell, app, "mypy", "--strict")
    assert " passed" in run(shell, app, "pytest", "-q", "-p", "no:cacheprovider")
    assert shell.run("generate", "--check", cwd=str(app)).status == 0
    assert shell.run("migrate", "make", "-m", "again", cwd=str(app)).out == ("The design needs no migration.\n")


@pytest.mark.extra
def test_its_tests_hold_under_another_prefix(shell: Shell) -> None:
    """The one line of settings that moves every path breaks none of them."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    with (app / "gatewright.toml").open("a") as settings:
        settings.write('\napi_prefix = "/api/v1"\n')
    assert " passed" in run(shell, app, "pytest", "-q", "-p", "no:cacheprovider")


def test_its_tests_say_what_to_run_while_the_design_is_a_draft(shell: Shell) -> None:
    """A forgotten migration fails them in one sentence, without a traceback; the command in it mends that."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    add_table(app, POST)
    assert shell.run("generate", cwd=str(app)).status == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=app, env=shell.environment, capture_output=True, check=False)
    message = done.stdout.decode()
    assert done.returncode == 1, message
    assert "db.design.json has changes that no migration holds. Run: gatewright migrate make -m MESSAGE" in message
    assert "Traceback" not in message
    assert "site-packages" not in message
    assert "check_current" not in message
    assert shell.run("migrate", "make", "-m", "posts", cwd=str(app)).status == 0
    assert " passed" in run(shell, app, "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_git_sees_no_secret_and_no_database(shell: Shell) -> None:
    """What a run leaves in the folder is ignored from the first commit on; commands run there without a setting."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    for name in ("GATEWRIGHT_SECRET", "GATEWRIGHT_ENVIRONMENT"):
        shell.settings.pop(name, None)
    (app / ".env.production").write_text("GATEWRIGHT_SECRET=\n")
    assert shell.run("migrate", "apply", cwd=str(app)).status == 0
    assert shell.run("user", "list", cwd=str(app)).status == 0
    assert {"secret", "design.schema.json"} <= names(app / ".gatewright")
    assert {".env", "gatewright.db"} <= names(app)
    subprocess.run(["git", "init", "-q"], cwd=app, check=True)
    done = subprocess.run(["git", "ls-files", "-o", "--exclude-standard"], cwd=app, capture_output=True, check=True)
    listed = {Path(line).parts[0] for line in done.stdout.decode().splitlines()}
    assert listed == WRITTEN - {".gatewright", ".env"}


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


@pytest.mark.parametrize("name", ["my app", "-dash", "it's", "mÿ äpp ☃", "a/b/c"])
def test_what_to_type_next_can_be_typed(shell: Shell, name: str) -> None:
    """A shell takes the printed `cd` for one folder, whatever its name holds."""
    ended = shell.run("init", "--", name)
    assert (ended.status, ended.err) == (0, "")
    _, folder = shlex.split(ended.out.splitlines()[-2])
    assert not folder.startswith("-")
    assert names(shell.folder / folder) == WRITTEN


def test_a_name_keeps_its_letters_without_their_marks(shell: Shell) -> None:
    """What is no letter of ASCII is one without its marks, or goes; a name of others alone is `app`."""
    for name, title in (("Mÿ Äpp", "my-app"), ("☃", "app")):
        shell.run("init", name)
        assert f'title="{title}"' in (shell.folder / name / "app/main.py").read_text()


def test_a_link_that_leads_nowhere_is_called_one(shell: Shell) -> None:
    """It is no file; and what would be made at its end is nobody's guess."""
    (shell.folder / "link").symlink_to("nowhere")
    assert "link is a link to nothing" in shell.run("init", "link").refused()
    assert not (shell.folder / "nowhere").exists()


def test_a_name_that_is_too_long_is_refused_in_a_line(shell: Shell) -> None:
    """As is every folder that the system does not want to look at."""
    assert "File name too long" in shell.run("init", "x" * 300).refused()
    assert names(shell.folder) == set()


def test_an_editor_finds_the_schema_of_the_design(shell: Shell) -> None:
    """`$schema` leads to a file from the first moment on, and the design that was written satisfies it."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    design = json.loads((app / "db.design.json").read_text())
    schema = json.loads((app / design["$schema"]).read_text())
    jsonschema_rs.meta.validate(schema)
    assert jsonschema_rs.validator_for(schema).is_valid(design)
    assert not jsonschema_rs.validator_for(schema).is_valid({**design, "tabels": []})


def test_a_clone_has_the_schema_after_the_first_run(shell: Shell) -> None:
    """It is not in version control; an old one is replaced, and one that is current is not touched."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    schema = app / ".gatewright/design.schema.json"
    current = schema.read_text()
    for old in (None, "{}"):
        schema.unlink() if old is None else schema.write_text(old)
        assert shell.run("generate", cwd=str(app)).status == 0
        assert schema.read_text() == current
    before = schema.stat()
    assert shell.run("generate", cwd=str(app)).status == 0
    assert schema.stat() == before


def test_a_design_that_is_taken_in_has_its_schema(shell: Shell) -> None:
    """Also where there is no app; git sees none of it."""
    done = shell.run("design", "import", "-", stdin=b"[]")
    assert done.status == 0, done.err
    design = json.loads((shell.folder / "db.design.json").read_text())
    assert (shell.folder / design["$schema"]).is_file()
    assert (shell.folder / ".gatewright/.gitignore").read_text() == "*\n"


def test_without_the_extra_it_says_which_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation for a server lacks what writes code: the refusal names it, and nothing is left."""
    monkeypatch.setattr(generator_run, "find_spec", lambda _: None)
    with pytest.raises(SetupError, match=r'pip install "gatewright\[dev\]"'):
        scaffold.make_app(tmp_path / "myapp", engine_tables)
    assert names(tmp_path) == set()


def test_production_has_no_secret_of_ours(shell: Shell) -> None:
    """The compose file asks for each secret, the image runs as nobody, and what is secret is not copied into it."""
    shell.run("init", "myapp")
    app = shell.folder / "myapp"
    compose = (app / "compose.yaml").read_text()
    for name in ("POSTGRES_PASSWORD", "GATEWRIGHT_SECRET", "GATEWRIGHT_PUBLIC_URL", "GATEWRIGHT_MAIL_URL"):
        assert f"${{{name}:?" in compose
        assert f"\n{name}=\n" in (app / ".env.example").read_text()
    assert "\nUSER 10001\n" in (app / "Dockerfile").read_text()
    assert {".env", ".env.*", ".gatewright/", "*.db"} <= set((app / ".dockerignore").read_text().splitlines())
