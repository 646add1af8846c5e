"""`gatewright migrate`: the tables of the database."""

from __future__ import annotations

import json

import pytest

from gatewright.migrations.histories import KERNEL
from tests.cli.conftest import PRODUCTION, Shell, make_empty


@pytest.mark.both_databases
def test_a_database_is_brought_up_to_date_once(shell: Shell, database_url: str) -> None:
    """Status 1 and the command to run before, 0 afterwards; doing it again is no work. No secret is needed."""
    shell.settings = {"DATABASE_URL": database_url}
    make_empty(database_url)

    before = shell.run("migrate", "status")
    assert (before.status, before.err) == (1, "")
    headlines = [line for line in before.out.splitlines() if not line.startswith("  ")]
    assert [line.partition(":")[0] for line in headlines] == ["kernel", "built-in design"]
    assert before.out.count("Run: gatewright migrate apply") == 2

    first = shell.run("migrate", "apply")
    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [
        f"kernel: nothing -> {KERNEL.head}",
        "built-in design: nothing -> d0001",
        "The database is up to date.",
    ]
    assert shell.run("migrate", "apply").out == "The database is up to date.\n"
    assert shell.run("migrate", "status").status == 0


def test_the_status_can_be_read_by_programs(sqlite_shell: Shell) -> None:
    """A JSON array, in camelCase like the API."""
    standings = json.loads(sqlite_shell.run("migrate", "status", "--json").out)
    up_to_date = {"isCurrent": True, "isDraft": False, "pending": [], "messages": {}}
    assert standings[0] == {"history": "kernel", "revision": KERNEL.head, "head": KERNEL.head, **up_to_date}
    assert len(standings) == 2


def test_the_status_names_each_pending_revision_by_its_message(shell: Shell, database_url: str) -> None:
    """Those of the package too: a number alone says nothing of what an upgrade brings."""
    shell.settings = {"DATABASE_URL": database_url}
    make_empty(database_url)
    lines = shell.run("migrate", "status").out.splitlines()
    assert "  k0001  The kernel's tables: signing keys, revocations, audit events." in lines
    assert "  d0001  The tables of the built-in design: users, refresh tokens, mailed tokens." in lines
    kernel, _ = json.loads(shell.run("migrate", "status", "--json").out)
    assert list(kernel["messages"]) == kernel["pending"]
    assert kernel["messages"]["k0002"] == "The kernel's table of limits."


def test_nothing_but_serve_and_migrate_changes_tables(shell: Shell) -> None:
    """In production the other commands name the command to run instead."""
    shell.settings = PRODUCTION
    for command in (["user", "list"], ["user", "set-role", "ada@example.com", "ADMIN"], ["serve", "--port", "0"]):
        assert shell.run(*command).refused().endswith("Run: gatewright migrate apply")
    assert shell.run("migrate", "status").status == 1
