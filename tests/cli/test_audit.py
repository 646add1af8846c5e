"""`gatewright audit`: the log of security events, from a shell."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, update

from gatewright.core.engine_tables import built_in_design
from gatewright.storage.database import Transaction
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from tests.cli.conftest import GATEWRIGHT, PRODUCTION, Shell, until

EVENTS = "gatewright_audit_events"
ADA = ["ada@example.com", "--first-name", "Ada", "--last-name", "Lovelace", "--password-stdin"]


@pytest.fixture
def used_shell(ready_shell: Shell) -> Shell:
    """Somebody has made an account, disabled it and enabled it."""
    assert ready_shell.run("user", "create", *ADA, stdin=b"correct horse battery").status == 0
    assert ready_shell.run("user", "disable", "ada@example.com", "--reason", "left\nFORGED").status == 0
    assert ready_shell.run("user", "enable", "ada@example.com").status == 0
    return ready_shell


def tamper(shell: Shell, work: Callable[[Transaction], Any]) -> None:
    """Work on the shell's database, behind Gatewright's back."""

    async def run() -> None:
        db = open_database(shell.settings["DATABASE_URL"], Schema(built_in_design()))
        await db.start()
        await db.write(work)
        await db.stop()

    asyncio.run(run())


def test_events_are_shown_the_newest_last(used_shell: Shell) -> None:
    """One line each, whatever was typed into them; or as JSON, in the shape of the HTTP calls."""
    shown = used_shell.run("audit", "tail").out.splitlines()
    assert [line.split()[2] for line in shown] == ["user.created", "user.disabled", "user.enabled"]
    assert r'details.reason="left\nFORGED"' in shown[1]
    found = json.loads(used_shell.run("audit", "tail", "-n", "2", "--json").out)
    assert [(event["event"], event["number"]) for event in found] == [("user.disabled", 2), ("user.enabled", 3)]
    assert found[0]["details"]["reason"] == "left\nFORGED"
    assert set(found[0]) == {
        *("id", "occurredAt", "event", "outcome", "actorId", "subjectId", "sessionId", "requestId", "ipAddress"),
        *("userAgent", "details", "number", "link"),
    }


@pytest.mark.both_databases
def test_all_events_are_exported_in_their_order(used_shell: Shell) -> None:
    """As JSON lines, all or those of late; another format is refused."""
    lines = used_shell.run("audit", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["user.created", "user.disabled", "user.enabled"]
    second = json.loads(lines[1])["occurredAt"]
    assert second.endswith("Z")
    assert used_shell.run("audit", "export", "--format", "jsonl", "--since", second).out.splitlines() == lines[1:]
    assert used_shell.run("audit", "export", "--format", "jsonl", "--since", "1h").out.splitlines() == lines
    assert used_shell.run("audit", "export", "--format", "jsonl", "--since", "2999-01-01").out == ""
    assert "--since" in used_shell.run("audit", "export", "--format", "jsonl", "--since", "soon").refused(2)
    assert "csv" in used_shell.run("audit", "export", "--format", "csv").refused(2)


@pytest.mark.both_databases
def test_a_log_as_it_was_sealed_verifies(used_shell: Shell) -> None:
    """What commands record is sealed when they end, and the head that is printed can be noted."""
    report = used_shell.run("audit", "verify")
    assert (report.status, report.err) == (0, "")
    message, head = report.out.splitlines()
    assert message == "Rows 1 to 3 are unchanged since they were sealed."
    assert used_shell.run("audit", "verify", "--head", head.removeprefix("head=")).status == 0
    body = json.loads(used_shell.run("audit", "verify", "--json").out)
    assert (body["ok"], body["rows"], body["unsealed"], body["head"]["number"]) == (True, 3, 0, 3)
    assert body["head"]["hex"] == head.removeprefix("head=")


def test_the_first_broken_row_is_named(used_shell: Shell) -> None:
    """With exit status 1; as JSON, too."""

    def work(tx: Transaction) -> None:
        events = tx.table(EVENTS)
        tx.run(update(events).where(events.c.number == 2).values(event="user.enabled"))

    tamper(used_shell, work)
    report = used_shell.run("audit", "verify")
    assert (report.status, report.out.splitlines()[0]) == (1, "Rows 1 to 1 are unchanged since they were sealed.")
    assert report.err.startswith("error: Row 2 is not what was sealed there")
    report = used_shell.run("audit", "verify", "--json")
    assert (report.status, json.loads(report.out)["ok"]) == (1, False)
    assert json.loads(report.out)["fault"].startswith("Row 2 ")


def test_a_noted_head_finds_a_log_that_was_emptied(used_shell: Shell) -> None:
    """All of it, the chain's own row included; without the head it looks like a new installation."""
    head = used_shell.run("audit", "verify").out.splitlines()[-1].removeprefix("head=")
    tamper(used_shell, lambda tx: [tx.run(delete(tx.table(name))) for name in (EVENTS, "gatewright_audit_chain")])
    assert used_shell.run("audit", "verify").status == 0
    report = used_shell.run("audit", "verify", "--head", head)
    assert (report.status, report.err) == (1, "error: Row 3, the noted head, is missing: nothing was sealed.\n")


def test_a_head_that_is_none_is_refused(ready_shell: Shell) -> None:
    """With what it should be."""
    assert "80 hexadecimal digits" in ready_shell.run("audit", "verify", "--head", "abc").refused(2)


def test_another_secret_is_told(used_shell: Shell) -> None:
    """It says so, and does not call the log broken."""
    used_shell.settings["GATEWRIGHT_SECRET"] = "Another-Secret-of-the-shell-0123456789-abcdef"
    assert "SECRET" in used_shell.run("audit", "verify").refused()


@pytest.mark.both_databases
def test_a_server_s_events_are_followed_and_logged(ready_shell: Shell) -> None:
    """Within moments: as lines of the server's log, as rows that are sealed, and by `tail --follow`."""
    url = ready_shell.settings["DATABASE_URL"]
    ready_shell.settings = {**PRODUCTION, "DATABASE_URL": url}
    hostile = "a\tFORGED outcome=success"
    with ready_shell.serving() as server, following(ready_shell) as tail:
        for _ in range(3):
            wrong = {"email": "nobody@example.com", "password": "a wrong attacked passphrase"}
            httpx2.post(f"{server.url}/auth/login", json=wrong, headers={"User-Agent": hostile})
        until(lambda: '"head"' in server.err, what="the head in the log")
        until(lambda: len(tail.read_text().splitlines()) == 3, what="the events that are followed")
        followed = list(map(json.loads, tail.read_text().splitlines()))
        lines = list(map(json.loads, server.err.splitlines()))
    events = [line for line in lines if line.get("event") == "login.failed"]
    assert len(events) == 3
    assert {(line["logger"], line["user_agent"]) for line in events} == {
        ("gatewright.audit", "a\ufffdFORGED outcome=success")
    }
    assert [event["event"] for event in followed] == ["login.failed"] * 3
    assert "attacked" not in server.err
    head = next(line["head"] for line in lines if "head" in line)
    assert ready_shell.run("audit", "verify", "--head", head).status == 0


@contextmanager
def following(shell: Shell) -> Iterator[Path]:
    """What `gatewright audit tail --follow` writes until the block ends."""
    command = [*GATEWRIGHT, "audit", "tail", "--follow", "--json"]
    written = shell.folder / "followed"
    with written.open("wb") as out:
        process = subprocess.Popen(command, cwd=shell.folder, env=shell.environment, stdout=out)
        try:
            yield written
        finally:
            process.kill()
            process.wait()
