"""The port that a server listens on, as its own socket says."""

from __future__ import annotations

import logging
from ipaddress import ip_address

from starlette.types import Scope

_log = logging.getLogger("gatewright.server")


def port_of(scope: Scope) -> int | None:
    """The port that took a request; None for a Unix socket, and for a client that calls the app without a server.

    It is the server's word (ASGI specification, `server` of the connection scope). `Host` and the headers of proxies
    are the client's, and are not looked at.
    """
    server = scope.get("server")
    return server[1] if server is not None and _is_address(server[0]) else None


def warn_of_unknown_port(scope: Scope, public_url: str) -> None:
    """Warn that links begin with *public_url* where a Unix socket has no port that could be in them."""
    server = scope.get("server")
    if server is None or str(server[0]).startswith("/"):
        _log.warning(
            "The server's port is unknown, so links in mails and the issuer of tokens begin with %s. Set "
            "GATEWRIGHT_PUBLIC_URL to the URL of this server.",
            public_url,
        )


def _is_address(host: object) -> bool:
    try:
        ip_address(str(host))
    except ValueError:
        return False
    return True
