"""Which network a client's address is in, as patterns that a statement compares stored addresses with.

A phone or a home changes its address within its provider's network, so a login from there is from nowhere new. IPv4
counts by its /24, IPv6 by its /48, which a provider gives to one customer at most (RFC 6177 section 2).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

MOST_PATTERNS = 4
"""How many patterns one network has at most."""

_HEXTETS_OF_A_NETWORK = 3


def network_patterns(address: str | None) -> Sequence[str]:
    """The `LIKE` patterns of all addresses in the network of *address*; none for what is no address.

    Addresses are stored as Python writes them (RFC 5952): the longest run of zeros, of two groups at least, is `::`.
    """
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ()
    if isinstance(parsed, ipaddress.IPv4Address):
        return (f"{str(parsed).rpartition('.')[0]}.%",)
    groups = [f"{int(group, 16):x}" for group in parsed.exploded.split(":")[:_HEXTETS_OF_A_NETWORK]]
    patterns = [":".join(groups) + ":%"]
    # Where its last groups are zeros, `::` may stand for them.
    while groups and groups[-1] == "0":
        groups.pop()
        patterns.append(":".join(groups) + "::%")
    return patterns
