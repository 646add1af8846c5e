"""Whether anybody can say who they are: headers that only a proxy may write (RFC 7239 section 8.1)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.limits import is_refused
from gatewright.cli.probes.site import Site, nobody

CHECK = "forwarded"

_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP")
# A limit that makes room again lets one try through now and then: two in a row are no accident.
_ROUNDS = 2
_MOST = 12


async def probe(site: Site) -> list[Finding]:
    """Meet the limit of this machine's address, then claim to have another."""
    if not await _meet_limit(site):
        return [Finding(CHECK, True, "not looked at: no limit for this machine's address was met")]
    believed = []
    if await _escapes(site, _HEADERS):
        believed = [name for name in _HEADERS if await _escapes(site, [name])] or ["forwarded headers"]
    problems = [
        f"{name} is believed from anybody, so that limits and the audit log go by what an attacker writes. Name your "
        "proxies alone in GATEWRIGHT_TRUSTED_PROXIES, start uvicorn with --no-proxy-headers, and let the proxy replace "
        "the header."
        for name in believed
    ]
    return judged(CHECK, problems, otherwise="nobody gets more tries by claiming to be somebody else")


async def _escapes(site: Site, names: Sequence[str]) -> bool:
    for _ in range(_ROUNDS):
        if not await _meet_limit(site):
            return False
        if is_refused((await site.log_in(nobody(), headers=_claim(names))).status):
            return False
    return await _meet_limit(site)


async def _meet_limit(site: Site) -> bool:
    """Whether an account of which nothing was tried yet is refused, for the address that asks."""
    for _ in range(_MOST):
        if is_refused((await site.log_in(nobody())).status):
            return True
    return False


def _claim(names: Sequence[str]) -> dict[str, str]:
    # Addresses for documentation (RFC 5737).
    address = f"203.0.113.{secrets.randbelow(254) + 1}"
    return {name: f"for={address}" if name == "Forwarded" else address for name in names}
