"""The client's address of a request that came through proxies."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Sequence
from typing import Literal

from starlette.types import Scope

from gatewright.settings.values import UNIX, Proxy

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Hop = _Address | Literal["unix"]
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}")

_log = logging.getLogger("gatewright.http")


def client_address(scope: Scope, trusted: Sequence[Proxy]) -> str | None:
    """The address that the client behind *scope* really has; None when the server does not know.

    It is the socket's other end. Only if that is one of *trusted* is `X-Forwarded-For` read: from its right end,
    where the nearest proxy wrote, through trusted addresses to the first that is not. Anything further left may have
    been sent by any client. Text that is not an address ends the search at the proxy that passed it on. A Unix socket
    has no address, so that only the header can show its other end.
    """
    hop = _peer(scope)
    if isinstance(hop, str) and hop != UNIX:
        return hop
    if trusted:
        hop = _first_untrusted(hop, _forwarded(scope), trusted)
    return None if hop == UNIX else str(hop)


def is_from_proxy(scope: Scope, trusted: Sequence[Proxy]) -> bool:
    """Whether the request behind *scope* comes from one of *trusted*: the socket's other end is one of them."""
    return bool(trusted) and _is_trusted(_peer(scope), trusted)


class AddressWarning:
    """Warns of the first request whose client has no address, and then no more.

    Args:
        trusted: `TRUSTED_PROXIES`.
    """

    def __init__(self, trusted: Sequence[Proxy]) -> None:
        self._trusted = trusted
        self._has_warned = False

    def look_at(self, scope: Scope) -> None:
        """Warn, if this request comes through a Unix socket and nothing says who sent it."""
        # Every request passes here, and nearly all of them have an address at once.
        if self._has_warned or _has_address(scope) or client_address(scope, self._trusted) is not None:
            return
        self._has_warned = True
        advice = (
            "Configure the proxy to send X-Forwarded-For."
            if UNIX in self._trusted
            else "Set GATEWRIGHT_TRUSTED_PROXIES=unix, and configure the proxy to send X-Forwarded-For."
        )
        _log.warning(
            "A request through a Unix socket had no client address, so all such requests share one limit. %s",
            advice,
        )


def _peer(scope: Scope) -> _Hop | str:
    """The socket's other end: an address, `unix`, or the name that a test client gives itself."""
    if not _has_address(scope):
        return UNIX
    name = str(scope["client"][0])
    return _parsed(name) or name


def _has_address(scope: Scope) -> bool:
    client = scope.get("client")
    return bool(client and client[0])


def _is_trusted(hop: _Hop | str, trusted: Sequence[Proxy]) -> bool:
    if isinstance(hop, str):
        return hop == UNIX and UNIX in trusted
    return any(hop in network for network in trusted if network != UNIX)


def _first_untrusted(hop: _Hop | str, forwarded: Sequence[str], trusted: Sequence[Proxy]) -> _Hop | str:
    for entry in reversed(forwarded):
        if not _is_trusted(hop, trusted):
            break
        # nginx calls a Unix socket that it listens on itself `unix:`.
        before = UNIX if entry.strip() == "unix:" else _parsed(entry)
        if before is None or (before == UNIX and UNIX not in trusted):
            break
        hop = before
    return hop


def _forwarded(scope: Scope) -> list[str]:
    # Several fields of one name are one list (RFC 9110 section 5.3).
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return ",".join(values).split(",") if values else []


def _parsed(text: str) -> _Address | None:
    """The address in *text*, without port and zone; IPv4-mapped IPv6 is IPv4 (RFC 4291 section 2.5.5.2)."""
    text = text.strip()
    if with_port := _WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
