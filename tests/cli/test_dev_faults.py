"""`gatewright dev` when something is wrong: it says so, loses nothing, and goes on when it is mended."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Shell, until
from tests.cli.developing import POST, REGISTRATION, add_table, developing, is_running

PATIENCE_SECONDS = 30
GREETED = "Stop it with Ctrl-C"
GOES_ON = "Save the file again to retry."
QUESTION = "Apply the change? [y/N]"


@pytest.fixture
def app(shell: Shell) -> Path:
    """A new app with `Post`, and the shell in its folder."""
    assert shell.run("init", "myapp").status == 0
    shell.folder /= "myapp"
    # The command says by itself that this is development.
    shell.settings.pop("GATEWRIGHT_ENVIRONMENT")
    add_table(shell.folder, POST)
    return shell.folder


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: where a person types, and where a program reads."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def write_post(url: str) -> None:
    token = httpx2.post(f"{url}/auth/register", json=REGISTRATION, timeout=30).json()["accessToken"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert httpx2.post(f"{url}/posts", json={"title": "A title"}, headers=bearer, timeout=30).status_code == 201


def without_posts(design: str) -> str:
    """The design without `Post`."""
    whole = json.loads(design)
    return json.dumps({**whole, "tables": [table for table in whole["tables"] if table["name"] != "Post"]})


def test_without_an_app_a_call_is_told_so(shell: Shell, app: Path) -> None:
    """It does not wait for ever; the traceback is that of the app's own code, and nothing of ours."""
    service = app / "app/modules/post/service.py"
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        source = service.read_text()
        service.write_text(source + "\ndef broken(:\n")
        dev.wait_for("The app exited with status 1.")
        assert "SyntaxError" in dev.output
        assert "Fatal Python error" not in dev.output
        assert "dev_api" not in dev.output
        answer = dev.get("/posts")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        service.write_text(source)
        dev.wait_for("Reloaded")
        assert dev.get("/posts").status_code == 200


@pytest.mark.parametrize(
    ("name", "text"),
    [("gatewright.toml", "[[[\n"), (".env", "GATEWRIGHT_SECRT=x\n")],
)
def test_what_is_damaged_leaves_the_app_running(shell: Shell, app: Path, name: str, text: str) -> None:
    """Also when code is saved meanwhile, which waits with it."""
    file, main = app / name, app / "app/main.py"
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        before, pid = file.read_text() if file.exists() else "", dev.api()
        file.write_text(text)
        dev.wait_for(GOES_ON)
        main.write_text(main.read_text() + '\n\n@app.get("/mine")\nasync def mine() -> str:\n    return "mine"\n')
        dev.wait_for("app/main.py changed.")
        until(lambda: dev.output.count(GOES_ON) >= 2, what="the second try")
        assert (dev.api(), dev.get("/posts").status_code) == (pid, 200)
        file.write_text(before)
        dev.wait_for("Reloaded")
        assert dev.get("/mine").json() == "mine"


def test_a_damaged_design_holds_no_code_up(shell: Shell, app: Path) -> None:
    """The app's code is reloaded, and runs with the last valid design; also when `gatewright dev` starts again."""
    design, main = app / "db.design.json", app / "app/main.py"
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        before = design.read_text()
        design.write_text('{"tables": [')
        dev.wait_for(GOES_ON)
        main.write_text(main.read_text() + '\n\n@app.get("/mine")\nasync def mine() -> str:\n    return "mine"\n')
        dev.wait_for("Reloaded")
        assert (dev.get("/mine").status_code, dev.get("/posts").status_code) == (200, 200)
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        assert "error: db.design.json: not JSON" in dev.output
        assert (dev.get("/mine").status_code, dev.get("/posts").status_code) == (200, 200)
        design.write_text(before)
        dev.wait_for("Reloaded")


def test_code_is_reloaded_while_a_question_waits(shell: Shell, app: Path, terminal: tuple[int, int]) -> None:
    """Nobody has to answer first; the question stays open, and a yes still counts."""
    design, main = app / "db.design.json", app / "app/main.py"
    with developing(shell, stdin=terminal[1]) as dev:
        dev.wait_for(GREETED)
        write_post(dev.url)
        design.write_text(without_posts(design.read_text()))
        dev.wait_for(QUESTION)
        main.write_text(main.read_text() + '\n\n@app.get("/mine")\nasync def mine() -> str:\n    return "mine"\n')
        dev.wait_for("Reloaded")
        assert dev.get("/posts").json()["pagination"]["total"] == 1
        assert dev.get("/mine").json() == "mine"
        os.write(terminal[0], b"yes\n")
        until(lambda: dev.get("/posts").status_code == 404, what="the end of the posts")
        assert dev.output.count(QUESTION) == 1


def test_what_waited_is_followed_when_the_hindrance_has_gone(shell: Shell, app: Path) -> None:
    """A design could not be generated over an edited file; once that is as it was, nobody has to save the design."""
    service = app / "app/generated/post/service.py"
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        source = service.read_text()
        service.write_text(source + "# mine\n")
        dev.wait_for("Reloaded")
        add_table(app, {**POST, "columns": [*POST["columns"], {"name": "likes", "type": "Int"}]})
        dev.wait_for(GOES_ON)
        service.write_text(source)
        until(lambda: "likes" in dev.get("/openapi.json").text, what="the new column")


def test_a_database_that_was_deleted_is_made_anew(shell: Shell, app: Path) -> None:
    """At the next save, with the draft's tables."""
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        for file in app.glob("gatewright.db*"):
            file.unlink()
        (app / "app/main.py").touch()
        dev.wait_for("Reloaded")
        assert dev.get("/posts").json()["data"] == []


def test_a_killed_run_leaves_a_draft_that_the_next_takes_up(shell: Shell, app: Path) -> None:
    """Its rows too, on the same port."""
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        write_post(dev.url)
        api = dev.api()
        dev.process.kill()
        dev.process.wait()
        until(lambda: not is_running(api), what="the end of the app")
    with developing(shell) as dev:
        dev.wait_for(GREETED)
        assert "Migrated" not in dev.output
        assert [row["title"] for row in dev.get("/posts").json()["data"]] == ["A title"]


def test_a_database_from_elsewhere_is_left_alone(shell: Shell, app: Path) -> None:
    """A revision that is not known here is named, and no table is touched."""
    with developing(shell) as dev:
        dev.wait_for(GREETED)
    database = sqlite3.connect(app / "gatewright.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    before = list(database.execute("SELECT sql FROM sqlite_master"))
    with developing(shell) as dev:
        dev.wait_for(GOES_ON)
        assert "revision ffffffffffff, which is not in" in dev.output
    assert list(database.execute("SELECT sql FROM sqlite_master")) == before
    database.close()


def test_only_an_answer_to_the_question_counts(shell: Shell, app: Path, terminal: tuple[int, int]) -> None:
    """Not what was typed before it, and not a yes to a change that has been taken back meanwhile."""
    design, (typed, theirs) = app / "db.design.json", terminal
    with developing(shell, stdin=theirs) as dev:
        dev.wait_for(GREETED)
        write_post(dev.url)
        before = design.read_text()
        os.write(typed, b"y\n")
        design.write_text(without_posts(before))
        dev.wait_for(QUESTION)
        design.write_text(before)
        os.write(typed, b"y\n")
        dev.wait_for("has changed meanwhile; the question is withdrawn and nothing was lost.")
        dev.wait_for("Reloaded")
        assert [row["title"] for row in dev.get("/posts").json()["data"]] == ["A title"]


@pytest.mark.parametrize("typed", [b"n\n", b"\n", b"\x04"])
def test_what_is_not_a_yes_is_a_no(shell: Shell, app: Path, terminal: tuple[int, int], typed: bytes) -> None:
    """The end of input too; the question comes again with the next save."""
    design = app / "db.design.json"
    with developing(shell, stdin=terminal[1]) as dev:
        dev.wait_for(GREETED)
        write_post(dev.url)
        design.write_text(without_posts(design.read_text()))
        dev.wait_for(QUESTION)
        os.write(terminal[0], typed)
        dev.wait_for(GOES_ON)
        assert dev.get("/posts").json()["pagination"]["total"] == 1
        # A save that comes while the last one is still worked on is seen together with it: the next one is not.
        until(lambda: _saved(app / "app/main.py") and dev.output.count(QUESTION) >= 2, what="the second question")


def test_what_rows_do_not_allow_is_no_question(shell: Shell, app: Path, terminal: tuple[int, int]) -> None:
    """A yes could only fail: the message says what to do, and what it names works."""
    price = {"name": "price", "type": "Int", "isRequired": True}
    with developing(shell, stdin=terminal[1]) as dev:
        dev.wait_for(GREETED)
        write_post(dev.url)
        add_table(app, {**POST, "columns": [*POST["columns"], price]})
        dev.wait_for(GOES_ON)
        assert (
            "error: Post.price is required, and rows that are there have no value for it: give it a default"
            in dev.output
        )
        assert QUESTION not in dev.output
        assert dev.get("/posts").json()["pagination"]["total"] == 1
        hint = "gatewright migrate make -m MESSAGE --default Post.price=VALUE"
        assert "remove Post.price from the design and run `gatewright migrate make -m MESSAGE`, " in dev.output
        assert f"then add it again and run `{hint}`." in dev.output
        add_table(app, POST)
        assert shell.run("migrate", "make", "-m", "posts").status == 0
        add_table(app, {**POST, "columns": [*POST["columns"], price]})
        dev.wait_for(f"Or give the existing rows a value: {hint}\n")
        assert shell.run("migrate", "make", "-m", "prices", "--default", "Post.price=5").status == 0
        dev.wait_for("Reloaded")
        assert [row["price"] for row in dev.get("/posts").json()["data"]] == [5]


def test_ctrl_c_at_the_question_ends_it(shell: Shell, app: Path, terminal: tuple[int, int]) -> None:
    """As everywhere: status 0, nothing lost, no process left."""
    design = app / "db.design.json"
    with developing(shell, stdin=terminal[1]) as dev:
        dev.wait_for(GREETED)
        write_post(dev.url)
        design.write_text(without_posts(design.read_text()))
        dev.wait_for(QUESTION)
        api = dev.api()
        dev.process.send_signal(signal.SIGINT)
        assert dev.process.wait(PATIENCE_SECONDS) == 0
        assert not is_running(api)
    with sqlite3.connect(app / "gatewright.db") as database:
        assert database.execute("SELECT title FROM posts").fetchall() == [("A title",)]
    database.close()


@pytest.mark.parametrize("where", ["variable", ".env"])
def test_production_is_not_developed_on(shell: Shell, app: Path, where: str) -> None:
    """Where the settings say production, no draft reaches a database."""
    if where == "variable":
        shell.settings["GATEWRIGHT_ENVIRONMENT"] = "production"
    else:
        (app / ".env").write_text("GATEWRIGHT_ENVIRONMENT=production\n")
    assert "GATEWRIGHT_ENVIRONMENT" in shell.run("dev").refused()
    assert not (app / "gatewright.db").exists()


def _saved(file: Path) -> bool:
    """Save *file*, unless it was just saved."""
    if time.time() - file.stat().st_mtime > 2:
        file.touch()
    return True
