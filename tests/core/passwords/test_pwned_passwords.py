"""Pwned Passwords is asked with five digits of a digest, and nothing that it does keeps anybody from registering."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gatewright.core.passwords import pwned_passwords
from gatewright.core.passwords.pwned_passwords import LONGEST_ANSWER, PwnedPasswords
from gatewright.errors import SetupError

LEAKED = "a leaked passphrase"
PADDING = "0018A45C4D1DEF81644B54AB7F969B88D65:0"

Answer = Callable[[asyncio.StreamWriter, str], Awaitable[None]]


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def line(password: str, count: int = 3) -> str:
    return f"{digest(password)[5:]}:{count}"


def answering(body: str, *, status: str = "200 OK", headers: str = "") -> Answer:
    """An answer with this body, whoever asks."""

    async def answer(writer: asyncio.StreamWriter, _request: str) -> None:
        content = body.encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
        writer.write(head.encode() + content)
        await writer.drain()

    return answer


class Api:
    """A server that stands in for the range API, as an HTTP client sees it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._connections: set[asyncio.Task[None] | None] = set()
        self.requests: list[str] = []
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[PwnedPasswords]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        known = PwnedPasswords(self.url)
        try:
            yield known
        finally:
            await known.close()
            server.close()
            for task in filter(None, self._connections):
                task.cancel()
            await asyncio.gather(*filter(None, self._connections), return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(asyncio.current_task())
        try:
            while True:
                request = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.requests.append(request)
                await self._answer(writer, request)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwned_passwords, "SECONDS", 0.3)


async def test_a_leaked_password_is_found_and_another_is_not() -> None:
    """Whatever else begins with the same digits."""
    others = "\r\n".join([PADDING, line(LEAKED), "00D4F6E8FA6EECAD2A3AA415EEC418D38EC:2"])
    api = Api(answering(others))
    async with api.running() as known:
        assert await known.contains(LEAKED)
        assert not await known.contains("an unknown passphrase")


async def test_five_digits_leave_the_server_and_the_answer_is_padded() -> None:
    """K-anonymity: neither the request nor the size of the answer tells which password it was about."""
    api = Api(answering(PADDING))
    async with api.running() as known:
        await known.contains(LEAKED)
    request_line, *headers = api.requests[0].splitlines()
    assert request_line == f"GET /range/{digest(LEAKED)[:5]} HTTP/1.1"
    assert "add-padding: true" in [header.lower() for header in headers]
    assert digest(LEAKED)[5:] not in api.requests[0].upper()
    assert LEAKED not in api.requests[0]


async def test_padding_is_not_taken_for_a_leak() -> None:
    """A line that is counted 0 times is made up, even when it meets the digest."""
    async with Api(answering(line(LEAKED, count=0))).running() as known:
        assert not await known.contains(LEAKED)


async def test_the_form_that_is_hashed_is_looked_up() -> None:
    """NFC, however the keyboard coded the accents."""
    async with Api(answering(line("caf\u00e9 au lait"))).running() as known:
        assert await known.contains("cafe\u0301 au lait")


async def test_one_connection_serves_several_questions() -> None:
    """And after a close, a new one is opened."""
    api = Api(answering(line(LEAKED)))
    async with api.running() as known:
        for _ in range(3):
            assert await known.contains(LEAKED)
        await known.close()
        assert await known.contains(LEAKED)
    assert len(api.requests) == 4


async def hang(_writer: asyncio.StreamWriter, _request: str) -> None:
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter, _request: str) -> None:
    """Each packet comes in time, and the whole never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nA\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def hang_up(writer: asyncio.StreamWriter, _request: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + line(LEAKED).encode())
    writer.close()


async def pour(writer: asyncio.StreamWriter, _request: str) -> None:
    """An answer that is as long as the client will take it."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + f"{line(LEAKED)}\r\n".encode())
    while True:
        writer.write(f"{PADDING}\r\n".encode() * 1000)
        await writer.drain()


async def talk_nonsense(writer: asyncio.StreamWriter, _request: str) -> None:
    writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")


FAILURES: dict[str, Answer] = {
    "hangs": hang,
    "drips": drip,
    "hangs up": hang_up,
    "pours": pour,
    "no HTTP": talk_nonsense,
    "500": answering(line(LEAKED), status="500 Internal Server Error"),
    "429": answering(line(LEAKED), status="429 Too Many Requests"),
    "404": answering(line(LEAKED), status="404 Not Found"),
    "redirect": answering("", status="302 Found", headers="Location: /range/elsewhere\r\n"),
    "empty": answering(""),
    "a page": answering(f"<html>{line(LEAKED)}</html>"),
    "garbage": answering("\x00\xff" * 100),
    "a line of garbage": answering(f"{line(LEAKED)}\r\nno line of the API"),
    "no count": answering(digest(LEAKED)[5:]),
    "too long": answering(f"{line(LEAKED)}\r\n" + f"{PADDING}\r\n" * (LONGEST_ANSWER // len(PADDING))),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_lets_the_password_pass_and_is_logged(failure: str, caplog: pytest.LogCaptureFixture) -> None:
    """Within the time that there is, and without a word of the password or its digest."""
    caplog.set_level(logging.DEBUG)
    api = Api(FAILURES[failure])
    async with asyncio.timeout(10), api.running() as known:
        assert not await known.contains(LEAKED)
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("a new password was not looked up in Pwned Passwords: ")


@pytest.mark.usefixtures("impatient")
async def test_nobody_listening_lets_the_password_pass(caplog: pytest.LogCaptureFixture) -> None:
    """As when the server may not reach the internet."""
    api = Api(hang)
    async with api.running():
        url = api.url
    known = PwnedPasswords(url)
    assert not await known.contains(LEAKED)
    await known.close()
    assert "ConnectError" in caplog.text


@pytest.mark.parametrize("failure", ["500", "hangs up", "garbage"])
async def test_no_log_holds_a_part_of_the_digest(failure: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not even that of the HTTP client, which likes to name every URL: with the time, it would tell whose it is."""
    caplog.set_level(logging.INFO)
    for api in (Api(answering(line(LEAKED))), Api(FAILURES[failure])):
        async with api.running() as known:
            await known.contains(LEAKED)
    assert digest(LEAKED)[:5] not in caplog.text
    assert LEAKED not in caplog.text


async def test_a_caller_that_leaves_is_not_held() -> None:
    """Cancelling is no failure of the API's."""
    asked = asyncio.Event()

    async def announce(_writer: asyncio.StreamWriter, _request: str) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with Api(announce).running() as known:
        task = asyncio.create_task(known.contains(LEAKED))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_a_missing_client_stops_the_start_and_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody registers."""
    monkeypatch.setattr(pwned_passwords, "find_spec", lambda _name: None)
    with pytest.raises(SetupError, match=r"gatewright\[pwned-passwords\]"):
        PwnedPasswords("https://api.pwnedpasswords.com")
