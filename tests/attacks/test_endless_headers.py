"""Headers that never end, or are very many: the connection is closed, and the server goes on."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from itertools import repeat

import httpx2
import pytest

from tests.live import LiveServer

CHUNK = 16 * 1024
MANY = 200


def _one_long_header() -> Iterator[bytes]:
    yield b"GET /users/profile HTTP/1.1\r\nHost: localhost\r\nX-Long: "
    yield from repeat(b"x" * CHUNK, MANY)


def _many_headers() -> Iterator[bytes]:
    yield b"GET /users/profile HTTP/1.1\r\nHost: localhost\r\n"
    yield from repeat(b"X-Many: 1\r\n" * (CHUNK // 11), MANY)


def _long_path() -> Iterator[bytes]:
    yield b"GET /"
    yield from repeat(b"x" * CHUNK, MANY)


@pytest.mark.parametrize("attack", [_one_long_header, _many_headers, _long_path])
def test_headers_without_an_end_close_the_connection(
    live: LiveServer, client: httpx2.Client, attack: Callable[[], Iterator[bytes]]
) -> None:
    """After 64 KiB nothing more is read; others are served as before."""
    with socket.create_connection(("localhost", live.port), timeout=10) as connection:
        try:
            for chunk in attack():
                connection.sendall(chunk)
            answer = connection.recv(1024)
        except ConnectionError:
            answer = b""
    assert answer == b"" or b" 431 " in answer or b" 400 " in answer
    assert client.get("/users/profile").status_code == 401


def test_a_second_request_on_a_connection_is_counted_anew(client: httpx2.Client) -> None:
    """Many requests with large headers on one connection are many requests, not one endless one."""
    for _ in range(5):
        assert client.get("/users/profile", headers={"X-Large": "x" * 40_000}).status_code == 401
