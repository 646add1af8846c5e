"""The lifespan of an app inside Gatewright's middleware, with or without support for the protocol.

Many apps do not: Django raises on the lifespan scope, asgiref's `WsgiToAsgi` too, others return at once. A server goes
on then (ASGI, Lifespan Protocol), and so does Gatewright, which answers the server in their place.
"""

from __future__ import annotations

import logging
import traceback
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.errors import GatewrightError, SetupError

_log = logging.getLogger("gatewright.http")


class Starts(Protocol):
    """What starts and stops with the server: `gatewright.Gatewright`."""

    async def start(self) -> None:
        """Begin to work."""
        ...

    async def stop(self) -> None:
        """End what `start` began."""
        ...


class LifespanAround:
    """One run of the lifespan protocol: Gatewright starts before the inner app, and stops after it.

    Args:
        auth: What starts and stops.
        receive: Gives the server's messages.
        send: Takes the answers to them.
    """

    def __init__(self, auth: Starts, receive: Receive, send: Send) -> None:
        self._auth = auth
        self._receive = receive
        self._send = send
        self._runs = False
        self._startup: Message | None = None  # until the inner app has taken it
        self._answered: str | None = None  # what the server was answered about the start
        self._is_ending = False
        self._has_ended = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Lead *app*, whose lifespan it is, and the server through start and end.

        Raises:
            Exception: The start failed, or the end did; the server was answered so before.
        """
        self._startup = await self._receive()
        await self._start()
        try:
            error = await self._run_inner(app, scope)
            if self._answered == "lifespan.startup.failed":
                if error is not None:
                    raise error
                return
            await self._end_after(error)
        finally:
            await self._stop()

    async def _start(self) -> None:
        try:
            await self._auth.start()
        except Exception as error:
            is_clear = isinstance(error, SetupError | GatewrightError)
            message = str(error) if is_clear else traceback.format_exc()
            await self._send({"type": "lifespan.startup.failed", "message": message})
            raise
        self._runs = True

    async def _stop(self) -> None:
        if self._runs:
            self._runs = False
            await self._auth.stop()

    async def _run_inner(self, app: ASGIApp, scope: Scope) -> Exception | None:
        """Call the inner app; what it has raised, unless it raised only because it has no lifespan."""
        error: Exception | None = None
        try:
            await app(scope, self._receive_for_inner, self._send_from_inner)
        except Exception as raised:
            error = raised
        if self._answered is None:
            self._log_missing(error)
            await self._answer_start({"type": "lifespan.startup.complete"})
            return None
        if error is not None and not self._is_ending and self._answered == "lifespan.startup.complete":
            _log.error("The lifespan of the app failed. Requests are still answered.", exc_info=error)
            return None
        return error

    def _log_missing(self, error: Exception | None) -> None:
        if error is not None and self._startup is None:
            # It has read the message, and so may have failed at its own start.
            _log.warning(
                "The lifespan of the app failed before it started. The server starts without it.", exc_info=error
            )
        else:
            _log.info("The app has no lifespan. Gatewright answers the server instead.")

    async def _end_after(self, error: Exception | None) -> None:
        while not self._is_ending:
            self._is_ending = (await self._receive())["type"] == "lifespan.shutdown"
        if error is None:
            await self._end({"type": "lifespan.shutdown.complete"})
            return
        await self._end({"type": "lifespan.shutdown.failed", "message": str(error)})
        raise error

    async def _receive_for_inner(self) -> Message:
        if self._startup is not None:
            startup, self._startup = self._startup, None
            return startup
        # An app that goes on to the next message without an answer would have the server wait for ever.
        if self._answered is None:
            await self._answer_start({"type": "lifespan.startup.complete"})
        if self._is_ending:
            await self._end({"type": "lifespan.shutdown.complete"})
        message = await self._receive()
        self._is_ending = self._is_ending or message["type"] == "lifespan.shutdown"
        return message

    async def _send_from_inner(self, message: Message) -> None:
        if message["type"] in ("lifespan.startup.complete", "lifespan.startup.failed"):
            await self._answer_start(message)
        elif message["type"] in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
            await self._end(message)
        else:
            # As servers do: an app that answers every scope like a request has no lifespan.
            raise RuntimeError(f"{message['type']!r} does not belong to the lifespan protocol.")

    async def _answer_start(self, message: Message) -> None:
        self._answered = message["type"]
        if message["type"] == "lifespan.startup.failed":
            # The server leaves as soon as it knows.
            await self._stop()
        await self._send(message)

    async def _end(self, message: Message) -> None:
        """Stop, and tell the server, which leaves as soon as it knows."""
        if self._has_ended:
            return
        self._has_ended = True
        try:
            await self._stop()
        except Exception as error:
            await self._send({"type": "lifespan.shutdown.failed", "message": str(error)})
            raise
        await self._send(message)
