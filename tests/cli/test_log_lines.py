"""The lines of our own server: of every library in one form, each with its request, none forged, none with a secret."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from gatewright import Gatewright
from gatewright.cli.log_lines import Lines, configuration
from gatewright.http.context import CURRENT_REQUEST_ID
from tests.conftest import make_settings

FORMS = pytest.mark.parametrize("readable", [True, False], ids=["readable", "json"])
BEGINNING = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 \[(info|warning|error) +\] ")
HOSTILE = [
    "a\n2026-11-23T21:16:51.648+00:00 [info     ] login.succeeded FORGED",
    "a\r\nFORGED",
    "a\x1b[2J\x1b]0;FORGED\x07",
    "a\x85FORGED",
    "a\u2028FORGED\u2029FORGED",
    "a\x0b\x0c\x1c\x1d\x1eFORGED",
    "a\x7f\x00\x9b2JFORGED",
    "\u202eDEGROF\u2066",
    '", "level": "INFO", "message": "FORGED',
    "\udc80FORGED",
]
SECRETS = [
    "gwr_" + "aB3-" * 20,
    "gwd_" + "aB3_" * 20,
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
    "postgresql://gatewright:hunter2@db.example.com/app",
]
WITHIN_SECRETS = re.compile(r"aB3[-_]aB3|eyJzdWI|c2lnbmF0dXJl|c2FsdHNhbHQ|aGFzaGhhc2g|hunter2")


def record(message: str, *args: object, error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    """What a library hands to logging."""
    fault = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("some.library", logging.WARNING, "x.py", 1, message, args, fault)
    vars(made).update(extra)
    return made


class Faulty:
    """A value that shows itself with line breaks."""

    def __str__(self) -> str:
        return "a\nFORGED"

    __repr__ = __str__


@FORMS
@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_nobody_forges_a_line(readable: bool, hostile: str) -> None:
    """In messages, their arguments, extras, texts of errors and names of loggers."""
    form = Lines(readable=readable)
    named = record("plain")
    named.name = hostile
    for made in (
        record(hostile),
        record("said %s", hostile),
        record("printed", value=hostile, other=Faulty()),
        record("said %s", Faulty()),
        named,
    ):
        line = form.format(made)
        assert line.isprintable()
        assert BEGINNING.match(line) if readable else isinstance(json.loads(line), dict)


@FORMS
@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_nobody_forges_a_line_by_an_error(readable: bool, hostile: str) -> None:
    """A traceback is on lines of its own for people, and none of them begins as an event does."""
    try:
        raise ValueError(hostile)
    except ValueError as error:
        made = record("failed", error=error, stack_info=hostile)
    written = Lines(readable=readable).format(made)
    if not readable:
        assert written.isprintable()
        assert json.loads(written)["exception"].count(hostile) == 2
        return
    first, *others = written.split("\n")
    assert BEGINNING.match(first)
    assert others
    for line in others:
        assert line.isprintable()
        assert line.startswith("    ")


@FORMS
@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_left_out(readable: bool, secret: str) -> None:
    """Also where an app, or a library in the text of an error, says it without thinking."""
    try:
        raise ValueError(f"cannot use {secret}, sorry")
    except ValueError as error:
        made = record("the token %s is wrong", secret, error=error, value={"token": secret})
    written = Lines(readable=readable).format(made)
    assert WITHIN_SECRETS.search(written) is None
    assert "[secret]" in written
    assert "sorry" in written


def test_production_writes_the_same_object_for_every_library() -> None:
    """With what it gave as `extra`, which replaces nothing of ours."""
    made = record("%d things", 3, count=3, level="DEBUG", logger="gatewright.audit", time="FORGED")
    printed = json.loads(Lines(readable=False).format(made))
    assert list(printed) == ["time", "level", "logger", "process", "message", "count"]
    assert (printed["level"], printed["logger"], printed["message"]) == ("WARNING", "some.library", "3 things")
    assert printed["time"].endswith("+00:00")


def test_development_writes_the_message_last() -> None:
    """What it quotes passes for no other field, of this line or another."""
    line = Lines(readable=True).format(record("said %s", "[gatewright.audit] request_id=FORGED", count=3))
    assert re.fullmatch(BEGINNING.pattern + r"\d+ some\.library: said \[gatewright\.audit\] request_id=FORGED", line)


def test_no_value_of_a_variable_is_in_a_traceback() -> None:
    """It may be a password; structlog's own tracebacks show them."""
    password = "a password in a variable".replace("a ", "the ", 1)
    try:
        raise RuntimeError(str(len(password)))
    except RuntimeError as error:
        made = record("failed", error=error)
    for readable in (True, False):
        assert "the password" not in Lines(readable=readable).format(made)


@pytest.mark.parametrize(
    ("terminal", "no_color", "colored"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_lines_are_colored_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, colored: bool
) -> None:
    """And not where NO_COLOR is set; never in production."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("NO_COLOR", no_color)
    assert ("\x1b[" in Lines(readable=True).format(record("printed"))) is colored
    assert "\x1b[" not in Lines(readable=False).format(record("printed"))


def test_a_start_does_not_wait_for_structlog() -> None:
    """It is there with the first line; an app that Gatewright is embedded in does without."""
    code = "import sys, gatewright.app, gatewright.cli.processes; print('structlog' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What a server in production would write."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Kept()
    handler.setFormatter(Lines(readable=False))
    for name in ("some.library", "gatewright"):
        logging.getLogger(name).addHandler(handler)
    level = logging.getLogger("gatewright.audit").level
    logging.getLogger("gatewright.audit").setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written]
    logging.getLogger("gatewright.audit").setLevel(level)
    for name in ("some.library", "gatewright"):
        logging.getLogger(name).removeHandler(handler)


def app_that_logs(auth: Gatewright, many: int) -> FastAPI:
    """Its routes wait for each other, and log from tasks and threads."""
    app = auth.create_app()
    log = logging.getLogger("some.library")
    all_here, all_in_threads = asyncio.Barrier(many), threading.Barrier(many, timeout=20)

    @app.get("/async/{number}")
    async def in_the_loop(number: int) -> None:
        log.warning("before %d", number)
        await all_here.wait()
        log.warning("after %d", number)
        await asyncio.create_task(asyncio.to_thread(log.warning, "task %d", number))

    @app.get("/sync/{number}")
    def in_a_thread(number: int) -> None:
        all_in_threads.wait()
        log.warning("thread %d", number)

    @app.get("/fault/{number}")
    async def fault(number: int) -> None:
        raise RuntimeError(f"fault {number}")

    return app


async def test_every_line_has_the_id_of_its_own_request(
    sqlite_template_copy: Path, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """However many are answered at once: from the event loop, tasks and threads, of faults and in the audit log."""
    many = 8
    # What httpx2 calls the other end of the socket.
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", trusted_proxies="127.0.0.1"))
    app = app_that_logs(auth, many)
    async with (
        auth.lifespan(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost:3000") as client,
    ):
        asked = [
            *(
                client.get(f"/{kind}/{n}", headers={"X-Request-Id": f"request-{n}"})
                for kind in ("async", "sync", "fault")
                for n in range(many)
            ),
            *(
                client.post(
                    "/auth/login",
                    json={"email": f"{n}@example.com", "password": "attacked"},
                    headers={"X-Request-Id": f"request-{n}", "User-Agent": f"agent-{n}"},
                )
                for n in range(2)
            ),
        ]
        await asyncio.gather(*asked)
        logging.getLogger("some.library").warning("outside")

    printed = lines()
    for line in printed:
        number = re.search(r"(?:before|after|task|thread|agent)[ -](\d)", line["message"])
        if number:
            assert line["request_id"] == f"request-{number[1]}", line
    messages = [line["message"] for line in printed]
    assert sum(bool(re.match("(before|after|task|thread) ", message)) for message in messages) == 4 * many
    faults = [line for line in printed if "exception" in line]
    assert {(line["request_id"], line["exception"].splitlines()[-1]) for line in faults} == {
        (f"request-{n}", f"RuntimeError: fault {n}") for n in range(many)
    }
    assert len([line for line in printed if line["logger"] == "gatewright.audit" and "agent-" in line["message"]]) == 2
    (outside,) = (line for line in printed if line["message"] == "outside")
    assert "request_id" not in outside
    assert CURRENT_REQUEST_ID.get() is None


def test_the_server_logs_warnings_of_everybody_and_every_event() -> None:
    """And takes no logger away from an app."""
    printed = configuration(in_development=False)
    assert (printed["root"]["level"], printed["disable_existing_loggers"]) == ("WARNING", False)
    assert printed["loggers"] == {"gatewright.audit": {"level": "INFO"}}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_behind_anything_else_is_left_out(secret: str) -> None:
    """Also where a line break becomes two letters in JSON."""
    for before in ("\n", "n", "=", '"', "x_", "\x1b[1m", "ü", "-"):
        for readable in (True, False):
            assert not WITHIN_SECRETS.search(Lines(readable=readable).format(record(before + secret)))


@pytest.mark.parametrize("character", ["\xfe", "\x0e", "\ufffe"])
def test_what_looks_like_a_secret_may_begin_with_an_escape(character: str) -> None:
    """The `e` of its escape is not the beginning of a token: without it, the line would be no JSON."""
    line = Lines(readable=False).format(record(f"{character}yJabcdefghijklmnop"))
    assert "[secret]" not in line
    assert json.loads(line)["message"] == f"{character}yJabcdefghijklmnop"


@FORMS
def test_a_record_that_cannot_be_written_is_not_lost(*, readable: bool) -> None:
    """A line tells where it came from; what was given to it is not shown as it came."""
    line = Lines(readable=readable).format(record("%d", "hunter2"))
    assert "could not be written (TypeError)" in line
    assert "hunter2" not in line
