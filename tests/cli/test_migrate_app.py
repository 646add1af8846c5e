"""`gatewright migrate` in the folder of an app with a design of its own."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Shell
from tests.migrations.apps import POST, App, post, without


@pytest.fixture
def app(shell: Shell, database_url: str) -> App:
    """The app in the shell's folder."""
    shell.settings = {"DATABASE_URL": database_url}
    made = App(shell.folder, database_url)
    made.write(POST)
    return made


@pytest.mark.both_databases
def test_the_loop_of_a_change(shell: Shell, app: App) -> None:
    """Make, apply, and back again."""
    made = shell.run("migrate", "make", "-m", "start")
    assert (made.status, made.err) == (0, "")
    assert made.out.startswith("Wrote migrations/versions/")
    revision = made.out.split("/")[2][:12]
    status = shell.run("migrate", "status", "--json")
    assert status.status == 1
    assert json.loads(status.out)[1] == {
        "history": "app",
        "revision": None,
        "head": revision,
        "isCurrent": False,
        "isDraft": False,
        "pending": [revision],
        "messages": {revision: "start"},
    }
    assert f"  {revision}  start" in shell.run("migrate", "status").out.splitlines()
    applied = shell.run("migrate", "apply")
    assert applied.out.splitlines()[1:] == [f"app: nothing -> {revision}", "The database is up to date."]
    assert shell.run("migrate", "status").status == 0
    assert shell.run("migrate", "make", "-m", "again").out == "The design needs no migration.\n"
    assert shell.run("migrate", "rollback").out == f"app: {revision} -> nothing\n"


def test_what_can_lose_data_needs_a_flag(shell: Shell, app: App) -> None:
    """The refusal names it and the flag."""
    app.make("start")
    app.write(without("body"))
    refused = shell.run("migrate", "make", "-m", "less")
    assert refused.status == 1
    assert "Post.body is dropped" in refused.err
    assert "--allow-data-loss" in refused.err
    assert shell.run("migrate", "make", "-m", "less", "--allow-data-loss").status == 0


def test_a_default_is_given_for_a_required_column(shell: Shell, app: App) -> None:
    """As TABLE.COLUMN=VALUE; what is no such thing is wrong use."""
    app.make("start")
    app.write(post({"name": "views", "type": "Int", "isRequired": True}))
    shell.run("migrate", "make", "-m", "views", "--default", "views").refused(2)
    assert shell.run("migrate", "make", "-m", "views", "--default", "Post.views=0").status == 0


def test_a_folder_without_a_design_has_no_migrations_to_make(shell: Shell) -> None:
    """The refusal names what is missing."""
    assert "no db.design.json" in shell.run("migrate", "make", "-m", "x").refused()
