"""A line for each request, for the developer who watches `gatewright dev`."""

from __future__ import annotations

import re
import sys
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.cli.console import say

_NOT_PLAIN = re.compile(r"[^!-~]")
_LONGEST_PATH = 200


class RequestLines:
    """Prints `POST /auth/login 200 34 ms` when a request has been answered.

    The query is left out, since links of mails have their tokens in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and print its line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # As a server answers an exception of the app.
        status = 500
        began = time.perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            say(f"{scope['method']} {shown_path(scope)} {status} {(time.perf_counter() - began) * 1000:.0f} ms")
            sys.stdout.flush()


def shown_path(scope: Scope) -> str:
    """The path as it was sent, in plain characters and without the query: no client writes a line of its own."""
    sent = scope.get("raw_path") or scope["path"].encode()
    path = _NOT_PLAIN.sub("?", sent.partition(b"?")[0].decode("latin-1"))
    return path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"
