"""Where a request comes from: the socket's other end, and forwarded headers only where a proxy is trusted."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.http.client_address import client_address, is_from_proxy
from gatewright.settings.values import proxies

TRUSTED = proxies("10.0.0.0/8, 127.0.0.1, fd00::/8")


def address(peer: str | None, *forwarded: str, trusted: str | None = None) -> str | None:
    scope = {
        "client": None if peer is None else (peer, 1234),
        "headers": [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded],
    }
    return client_address(scope, TRUSTED if trusted is None else proxies(trusted))


def test_without_trusted_proxies_it_is_the_sockets_other_end() -> None:
    """Whatever the header says."""
    assert address("127.0.0.1", "198.51.100.7", trusted="") == "127.0.0.1"


def test_a_header_from_somebody_who_is_not_trusted_is_ignored() -> None:
    """Anybody can send one."""
    assert address("192.0.2.1", "198.51.100.7") == "192.0.2.1"


def test_a_trusted_proxy_says_who_came_to_it() -> None:
    """With and without a port, and over several proxies."""
    assert address("10.0.0.1", "198.51.100.7") == "198.51.100.7"
    assert address("10.0.0.1", "198.51.100.7:51234") == "198.51.100.7"
    assert address("10.0.0.1", "2001:db8::7") == "2001:db8::7"
    assert address("10.0.0.1", "[2001:db8::7]:443") == "2001:db8::7"
    assert address("10.0.0.1", "[2001:db8::7]") == "2001:db8::7"
    assert address("fd00::1", "198.51.100.7, 10.1.2.3,127.0.0.1") == "198.51.100.7"


def test_what_the_client_wrote_itself_is_passed_over() -> None:
    """Only what the nearest trusted proxies have added counts, from the right."""
    assert address("10.0.0.1", "203.0.113.9, 198.51.100.7") == "198.51.100.7"
    assert address("10.0.0.1", "10.9.9.9, 203.0.113.9, 198.51.100.7, 10.0.0.2") == "198.51.100.7"


def test_several_headers_are_one_list() -> None:
    """In their order (RFC 9110 section 5.3): the last one is the proxy's."""
    assert address("10.0.0.1", "203.0.113.9", "198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "unknown",
        "_hidden",
        "198.51.100.300",
        "198.51.100.7 x",
        "1.2.3.4:x",
        "[::1",
        "\u00e9\u00ff",
        "0x7f.1",
        "%eth0",
    ],
)
def test_what_is_no_address_ends_the_way(garbage: str) -> None:
    """At the proxy that passed it on: nothing left of it is believed."""
    assert address("10.0.0.1", f"198.51.100.7, {garbage}") == "10.0.0.1"
    assert address("10.0.0.1", f"198.51.100.7, {garbage}, 10.0.0.2") == "10.0.0.2"


def test_a_request_of_a_proxys_own_comes_from_the_proxy() -> None:
    """Such as its look at our health."""
    assert address("10.0.0.1") == "10.0.0.1"
    assert address("10.0.0.1", "10.0.0.2") == "10.0.0.2"


def test_one_address_has_one_spelling() -> None:
    """So that nobody is counted twice: IPv4 in IPv6's clothes, zones, leading zeros and capitals."""
    assert address("::ffff:192.0.2.1") == "192.0.2.1"
    assert address("::ffff:10.0.0.1", "::ffff:198.51.100.7") == "198.51.100.7"
    assert address("fe80::1%eth0") == "fe80::1"
    assert address("fd00::1%eth0", "2001:DB8:0::7%3") == "2001:db8::7"


@pytest.mark.parametrize("peer", [None, ""])
def test_a_unix_socket_has_no_address(peer: str | None) -> None:
    """So nobody is trusted by it, and no header is believed."""
    assert address(peer, "198.51.100.7", trusted="0.0.0.0/0, ::/0") is None


def test_what_a_test_client_calls_itself_is_taken_as_it_is() -> None:
    """It is no address, and is in no network."""
    assert address("testclient", "198.51.100.7") == "testclient"


@pytest.mark.parametrize(
    ("peer", "is_proxy"),
    [
        ("10.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("192.0.2.1", False),
        ("testclient", False),
        ("", False),
        (None, False),
    ],
)
def test_a_proxy_is_known_by_the_sockets_other_end(peer: str | None, is_proxy: bool) -> None:
    """By nothing that the request says of itself."""
    scope = {"client": None if peer is None else (peer, 1234), "headers": [(b"x-forwarded-for", b"10.0.0.1")]}
    assert is_from_proxy(scope, TRUSTED) is is_proxy
    assert not is_from_proxy(scope, ())


@pytest.mark.parametrize("peer", [None, ""])
def test_a_unix_socket_has_no_address_but_the_one_that_a_trusted_proxy_names(peer: str | None) -> None:
    """Whatever the server says of its other end; networks alone trust it no more than a stranger."""
    assert address(peer, "198.51.100.7") is None
    assert address(peer, "198.51.100.7", trusted="") is None
    assert address(peer, trusted="unix") is None
    assert address(peer, "not an address", trusted="unix") is None
    assert address(peer, "198.51.100.7", trusted="unix") == "198.51.100.7"
    assert address(peer, "192.0.2.66, 198.51.100.7", trusted="unix") == "198.51.100.7", "what the client sent"
    assert address(peer, "198.51.100.7, 10.0.0.2", trusted="unix, 10.0.0.0/8") == "198.51.100.7"
    assert address(peer, "198.51.100.7, unix:", trusted="unix") == "198.51.100.7", "a second socket, in nginx's words"


def test_no_client_pretends_to_be_a_unix_socket() -> None:
    """Neither in the header, nor where the proxy is trusted by its address."""
    assert address("192.0.2.1", "198.51.100.7", trusted="unix") == "192.0.2.1"
    assert address(None, "198.51.100.7, unix:, 192.0.2.1", trusted="unix") == "192.0.2.1"
    assert address("10.0.0.1", "198.51.100.7, unix:") == "10.0.0.1"


def test_a_proxy_at_a_unix_socket_is_one_where_it_is_trusted() -> None:
    """As for the id of a request."""
    scope: dict[str, Any] = {"client": None, "headers": []}
    assert is_from_proxy(scope, proxies("unix"))
    assert not is_from_proxy(scope, proxies("10.0.0.0/8"))
    assert not is_from_proxy({"client": ("192.0.2.1", 1), "headers": []}, proxies("unix"))
