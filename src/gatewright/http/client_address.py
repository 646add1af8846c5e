"""Where a request comes from, when proxies stand between."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from starlette.types import Scope

from gatewright.settings.values import Network

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}")


def client_address(scope: Scope, trusted: Sequence[Network]) -> str | None:
    """The address that the client behind *scope* really has; None when the server does not know, as on a Unix socket.

    It is the socket's other end. Only if that is one of *trusted* is `X-Forwarded-For` read: from its right end,
    where the nearest proxy wrote, through trusted addresses to the first that is not. What stands left of that anybody
    may have sent. What is no address ends the way at the proxy that passed it on.
    """
    client = scope.get("client")
    if not client or not client[0]:
        return None
    address = _parsed(client[0])
    if address is None:
        return str(client[0])
    if trusted:
        address = _first_untrusted(address, _forwarded(scope), trusted)
    return str(address)


def is_from_proxy(scope: Scope, trusted: Sequence[Network]) -> bool:
    """Whether the request behind *scope* comes from one of *trusted*: the socket's other end is one of them."""
    client = scope.get("client")
    address = _parsed(client[0]) if trusted and client and client[0] else None
    return address is not None and any(address in network for network in trusted)


def _first_untrusted(address: _Address, forwarded: Sequence[str], trusted: Sequence[Network]) -> _Address:
    for entry in reversed(forwarded):
        if not any(address in network for network in trusted):
            break
        before = _parsed(entry)
        if before is None:
            break
        address = before
    return address


def _forwarded(scope: Scope) -> list[str]:
    # Several fields of one name are one list (RFC 9110 section 5.3).
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return ",".join(values).split(",") if values else []


def _parsed(text: str) -> _Address | None:
    """The address in *text*, without port and zone; IPv4 in IPv6's clothes is IPv4 (RFC 4291 section 2.5.5.2)."""
    text = text.strip()
    if with_port := _WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
