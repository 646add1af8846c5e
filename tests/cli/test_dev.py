"""`gatewright dev`: real processes that follow real files."""

from __future__ import annotations

import os
import pty
import re
import signal
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Shell, until
from tests.cli.developing import POST, REGISTRATION, add_table, developing, is_running

PATIENCE_SECONDS = 30
KEPT = {"title": "A title", "body": "Kept"}
WITHOUT_BODY = {**POST, "columns": [column for column in POST["columns"] if column["name"] != "body"]}


@pytest.fixture
def app(shell: Shell) -> Path:
    """A new app, and the shell in its folder."""
    assert shell.run("init", "myapp").status == 0
    shell.folder /= "myapp"
    # The command says by itself that this is development.
    shell.settings.pop("GATEWRIGHT_ENVIRONMENT")
    return shell.folder


def test_a_saved_design_is_followed_to_the_answer(shell: Shell, app: Path) -> None:
    """Code, tables and routes, each said in a line; then the app answers with them."""
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        assert dev.get("/posts").status_code == 404
        add_table(app, POST)
        dev.wait_for("Reloaded")
        assert dev.get("/posts").json()["data"] == []
        for line in (
            "db.design.json changed.",
            "Migrated the database: ",
            "Created app/modules/post/. It is yours to edit.",
        ):
            assert line in dev.output


def test_the_whole_of_it_on_postgresql(shell: Shell, app: Path, postgres_url: str) -> None:
    """It starts on an empty database, follows a table and then a column, keeps the rows, and ends with one Ctrl-C."""
    shell.settings["DATABASE_URL"] = postgres_url
    add_table(app, WITHOUT_BODY)
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        first = dev.api()
        write_post(dev.url, {"title": "A title"})
        add_table(app, POST)
        dev.wait_for("Reloaded")
        (row,) = dev.get("/posts").json()["data"]
        assert (row["title"], row["body"]) == ("A title", None)
        second = dev.api()
        dev.process.send_signal(signal.SIGINT)
        assert dev.process.wait(PATIENCE_SECONDS) == 0
        assert not is_running(first)
        assert not is_running(second)
        assert dev.output.endswith("Stopped.\n")
        assert "Traceback" not in dev.output
    assert not (app / "gatewright.db").exists()


def test_a_save_while_another_is_followed_is_followed_too(shell: Shell, app: Path) -> None:
    """Whatever the moment: nobody has to save again."""
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        add_table(app, POST)
        dev.wait_for("db.design.json changed.")
        add_table(app, {**POST, "name": "Tag"})
        until(lambda: dev.get("/tags").status_code == 200, what="the second table")
        assert dev.get("/posts").status_code == 200


def test_an_error_in_the_design_changes_nothing(shell: Shell, app: Path) -> None:
    """It is printed; the app goes on as it was, with its code and tables. The next save is followed."""
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        before = dev.api()
        add_table(app, {**POST, "columns": [*POST["columns"], {"name": "x", "type": "Strin"}]})
        dev.wait_for('did you mean "String"?')
        assert (dev.api(), dev.get("/health/ready").status_code) == (before, 200)
        assert not (app / "app/generated/post").exists()
        add_table(app, POST)
        dev.wait_for("Reloaded")
        assert dev.get("/posts").status_code == 200


def test_what_would_lose_data_waits(shell: Shell, app: Path) -> None:
    """Without a terminal it is printed and not done: the rows stay, and new code runs with the last valid design."""
    main = app / "app/main.py"
    add_table(app, POST)
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        write_post(dev.url)
        add_table(app, WITHOUT_BODY)
        dev.wait_for("no terminal to ask at")
        assert "Post.body is dropped" in dev.output
        assert dev.get("/posts").json()["data"][0]["body"] == "Kept"
        main.write_text(main.read_text() + '\n\n@app.get("/mine")\nasync def mine() -> str:\n    return "mine"\n')
        dev.wait_for("Reloaded")
        assert dev.get("/mine").json() == "mine"
        assert dev.get("/posts").json()["data"][0]["body"] == "Kept"
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        assert "Post.body is dropped" in dev.output
        assert dev.get("/posts").json()["data"][0]["body"] == "Kept"


def test_each_request_has_a_line_and_the_seals_have_none(shell: Shell, app: Path) -> None:
    """The line has no query, where mails' links have their tokens; the greeting names the inbox."""
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        assert f"{dev.url}/auth/inbox" in dev.output
        write_post_refused(dev.url)
        dev.get("/auth/pages/verify-email?token=a-secret-of-a-mail")
        dev.get("/%0aerror:%20forged%1b[31m")
        dev.process.send_signal(signal.SIGINT)
        assert dev.process.wait(PATIENCE_SECONDS) == 0
        lines = [re.sub(r"\d+ ms$", "N ms", line) for line in dev.output.splitlines()]
        assert "POST /auth/register 201 N ms" in lines
        assert "POST /posts 404 N ms" in lines
        assert "GET /%0aerror:%20forged%1b[31m 404 N ms" in lines
        assert any(line.startswith("GET /auth/pages/verify-email ") for line in lines)
        assert "a-secret-of-a-mail" not in dev.output
        assert "sealed to row" not in dev.output
    with sqlite3.connect(app / "gatewright.db") as database:
        assert database.execute("SELECT count(*) FROM gatewright_audit_events WHERE number IS NOT NULL").fetchone()[0]
    database.close()


def test_seals_have_lines_for_debugging(shell: Shell, app: Path) -> None:
    """With `--debug`, before the command or behind it."""
    with developing(shell, "--debug") as dev:
        dev.wait_for("Stop it with Ctrl-C")
        write_post_refused(dev.url)
        dev.wait_for("sealed to row")


def test_a_yes_on_the_terminal_loses_it(shell: Shell, app: Path) -> None:
    """The column goes, and the rows keep the others."""
    add_table(app, POST)
    terminal, theirs = pty.openpty()
    with developing(shell, stdin=theirs) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        write_post(dev.url)
        add_table(app, WITHOUT_BODY)
        dev.wait_for("Apply the change?")
        os.write(terminal, b"y\n")
        dev.wait_for("Reloaded")
        (row,) = dev.get("/posts").json()["data"]
        assert row["title"] == "A title"
        assert "body" not in row
    os.close(terminal)
    os.close(theirs)


def test_changed_code_is_reloaded(shell: Shell, app: Path) -> None:
    """A broken file ends the app with its traceback; the next save starts it again."""
    main = app / "app/main.py"
    source = main.read_text()
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        main.write_text(source + "\nfoo = bar\n")
        dev.wait_for("NameError: name 'bar' is not defined")
        dev.wait_for("It restarts when a file changes.")
        main.write_text(source + '\n\n@app.get("/mine")\nasync def mine() -> str:\n    return "mine"\n')
        dev.wait_for("Reloaded")
        assert dev.get("/mine").json() == "mine"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_everything(shell: Shell, app: Path, how: signal.Signals) -> None:
    """Exit status 0, no traceback, and no process left."""
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        api = dev.api()
        dev.process.send_signal(how)
        assert dev.process.wait(PATIENCE_SECONDS) == 0
        assert not is_running(api)
        assert dev.output.endswith("Stopped.\n")
        assert "Traceback" not in dev.output


def test_the_app_ends_when_it_was_left_alone(shell: Shell, app: Path) -> None:
    """A kill that nobody can catch leaves no process that keeps the port."""
    with developing(shell) as dev:
        dev.wait_for("Stop it with Ctrl-C")
        api = dev.api()
        dev.process.kill()
        dev.process.wait()
        until(lambda: not is_running(api), what="the end of the app")


def test_a_folder_without_an_app_is_refused(shell: Shell) -> None:
    """The refusal names the command that makes one."""
    assert "gatewright init DIR" in shell.run("dev").refused()


def write_post_refused(url: str) -> None:
    """Register, and write a post where there are none."""
    token = httpx2.post(f"{url}/auth/register", json=REGISTRATION, timeout=30).json()["accessToken"]
    answer = httpx2.post(f"{url}/posts", json={}, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 404


def write_post(url: str, post: Mapping[str, str] = KEPT) -> None:
    token = httpx2.post(f"{url}/auth/register", json=REGISTRATION, timeout=30).json()["accessToken"]
    answer = httpx2.post(
        f"{url}/posts",
        json=dict(post),
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 201
