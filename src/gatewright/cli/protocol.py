"""HTTP as uvicorn reads it, with an end to how much is read before a request has even begun."""

from __future__ import annotations

from gatewright.cli._compat import HttpToolsProtocol
from gatewright.errors import GatewrightError
from gatewright.http.edge import bare_answer
from gatewright.http.errors import HeadersTooLarge, MalformedRequest

HEAD_LIMIT = 64 * 1024
"""The longest request line with its headers, in bytes. uvicorn's own parser keeps as much as a client sends."""


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose next request does not come to an end of its headers (RFC 6585 section 5).

    What is refused before there is a request for the app is refused in the form of all other answers.
    """

    is_https = False
    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Read on, unless the headers have become too long."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        """Start the count again."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Whatever comes now is the body, which the app limits."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; uvicorn has logged *msg*."""
        self._refuse(MalformedRequest())

    def _refuse(self, error: GatewrightError) -> None:
        self.transport.write(bare_answer(error, https=self.is_https))
        self.transport.close()


class BoundedHttpsProtocol(BoundedProtocol):
    """The same where a proxy in front speaks https. A class of its own, since workers get it by its name."""

    is_https = True
