"""Whether somebody who guesses passwords is stopped."""

from __future__ import annotations

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Site, nobody

CHECK = "limits"

_OF_ONE_ACCOUNT = 6
_MOST = 14


async def probe(site: Site) -> list[Finding]:
    """Wrong passwords for addresses that nobody has, until one is refused."""
    account = nobody()
    for number in range(_MOST):
        # The first for one account, the others for one each: there is a limit for both.
        answer = await site.log_in(account if number < _OF_ONE_ACCOUNT else nobody())
        if is_refused(answer.status):
            is_silent = answer.status == 429 and "retry-after" not in answer.headers
            problems = ["a limit does not say when to try again (Retry-After)."] if is_silent else []
            return judged(CHECK, problems, otherwise="guessing passwords is stopped")
    said = f"{_MOST} wrong passwords in a row were looked at. Leave GATEWRIGHT_RATE_LIMIT_ENABLED on"
    return [Finding(CHECK, False, f"{said}, or let the proxy limit {site.call('/auth/login')}.")]


def is_refused(status: int) -> bool:
    """Whether a limit has answered: the server's, or that of a proxy before it."""
    return status in (403, 429)
