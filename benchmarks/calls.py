"""Requests to the server under test: as bytes for wrk, and one at a time to prepare a run."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from typing import Any

_PATIENCE_SECONDS = 30.0


def request(method: str, path: str, *, token: str | None = None, body: dict[str, str] | None = None) -> bytes:
    """A whole HTTP/1.1 request."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def call(port: int, method: str, path: str, *, body: dict[str, str]) -> dict[str, Any]:
    """Make one call; the answer's JSON. A server that is still busy with what was asked before is asked again.

    Raises:
        RuntimeError: It was refused.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    status, content = _call(port, method, path, body)
    while status == 503 and time.monotonic() < until:
        time.sleep(0.2)
        status, content = _call(port, method, path, body)
    if status >= 400:
        raise RuntimeError(f"{method} {path} was answered with {status}: {content.get('code')}")
    return content


def _call(port: int, method: str, path: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def all_at_once(port: int, sent: bytes, times: int) -> list[tuple[int, dict[str, Any]]]:
    """Send the same request on *times* open connections within an instant; statuses and JSON of the answers."""
    return asyncio.run(_all_at_once(port, sent, times))


async def _all_at_once(port: int, sent: bytes, times: int) -> list[tuple[int, dict[str, Any]]]:
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(times)]
    for _, writer in streams:
        writer.write(sent)
    answers = [await _answer(reader) for reader, _ in streams]
    for _, writer in streams:
        writer.close()
    return answers


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length:")[2].split()[0])
    content: dict[str, Any] = json.loads(await reader.readexactly(length))
    return int(head.split()[1]), content
