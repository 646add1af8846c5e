"""`gatewright migrate`: the tables of the database."""

from __future__ import annotations

import json

from tests.cli.conftest import PRODUCTION, Shell, make_empty


def test_a_database_is_brought_up_to_date_once(shell: Shell, database_url: str) -> None:
    """Status 1 and the command to run before, 0 afterwards; doing it again is no work. No secret is needed."""
    shell.settings = {"DATABASE_URL": database_url}
    make_empty(database_url)

    before = shell.run("migrate", "status")
    assert (before.status, before.err) == (1, "")
    assert [line.partition(":")[0] for line in before.out.splitlines()] == ["kernel", "built-in design"]
    assert before.out.count("Run: gatewright migrate apply") == 2

    first = shell.run("migrate", "apply")
    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [
        "kernel: nothing -> k0005",
        "built-in design: nothing -> d0001",
        "The database is up to date.",
    ]
    assert shell.run("migrate", "apply").out == "The database is up to date.\n"
    assert shell.run("migrate", "status").status == 0


def test_the_status_can_be_read_by_programs(sqlite_shell: Shell) -> None:
    """A JSON array, in camelCase like the API."""
    standings = json.loads(sqlite_shell.run("migrate", "status", "--json").out)
    up_to_date = {"isCurrent": True, "isDraft": False, "pending": []}
    assert standings[0] == {"history": "kernel", "revision": "k0005", "head": "k0005", **up_to_date}
    assert len(standings) == 2


def test_nothing_but_serve_and_migrate_changes_tables(shell: Shell) -> None:
    """In production the other commands name the command to run instead."""
    shell.settings = PRODUCTION
    for command in (["user", "list"], ["user", "set-role", "ada@example.com", "ADMIN"], ["serve", "--port", "0"]):
        assert shell.run(*command).refused().endswith("Run: gatewright migrate apply")
    assert shell.run("migrate", "status").status == 1
