"""Whether a GET redeems a token: mail filters and previews open links by themselves."""

from __future__ import annotations

import secrets

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "redeeming"

_CALLS = ("/auth/verify-email", "/auth/password/reset", "/auth/email/change/confirm", "/auth/refresh", "/auth/logout")
_PAGES = ("verify-email", "not-me", "change-email", "reset-password", "invitation")
_OVERRIDE = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"}


async def probe(site: Site) -> list[Finding]:
    """With tokens that were never mailed."""
    problems = []
    for path in _CALLS:
        for headers in ({}, _OVERRIDE):
            answer = await site.ask("GET", f"{site.call(path)}?{_query()}", headers=headers)
            if answer.status not in (404, 405):
                way = " with X-HTTP-Method-Override" if headers else ""
                problems.append(
                    f"GET {answer.asked.split()[1]}{way} is taken (status {answer.status}). Only POST may be."
                )
    for name in _PAGES:
        answer = await site.ask("GET", f"{site.call('/auth/pages/')}{name}?{_query()}")
        if answer.status != 404 and not _asks_first(answer):
            problems.append(f"{answer.asked} looks at the token before anybody has clicked (status {answer.status}).")
    return judged(CHECK, problems, otherwise="no GET does; pages ask for a click first")


def _query() -> str:
    token = secrets.token_urlsafe(32)
    return f"token={token}&refreshToken={token}&password={secrets.token_urlsafe(16)}"


def _asks_first(answer: Answer) -> bool:
    return answer.status == 200 and 'method="post"' in answer.text.lower()
