"""Whether a GET redeems a token: mail filters and previews open links by themselves."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "redeeming"

_CALLS = (
    "/auth/verify-email",
    "/auth/password/reset",
    "/auth/email/change/confirm",
    "/auth/email/change/undo",
    "/auth/refresh",
    "/auth/logout",
)
_PAGES = ("verify-email", "not-me", "change-email", "undo-email-change", "reset-password", "invitation")
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
        answer = await _open_page(site, f"{site.call('/auth/pages/')}{name}")
        if answer.status != 404 and not _asks_first(answer):
            problems.append(f"{answer.asked} looks at the token before anybody has clicked (status {answer.status}).")
    return judged(CHECK, problems, otherwise="no GET does; pages ask for a click first")


async def _open_page(site: Site, path: str) -> Answer:
    """The page behind a mailed link, opened as a browser would: it leads to itself, with the token in a cookie."""
    answer = await site.ask("GET", f"{path}?{_query()}")
    location = urlsplit(answer.headers.get("location", ""))
    if answer.status != 303 or location.path != path or "token" in location.query:
        return answer
    pairs = "; ".join(value.partition(";")[0] for value in answer.headers.get_list("set-cookie"))
    return await site.ask("GET", location.geturl(), headers={"Cookie": pairs} if pairs else {})


def _query() -> str:
    token = secrets.token_urlsafe(32)
    return f"token={token}&refreshToken={token}&password={secrets.token_urlsafe(16)}"


def _asks_first(answer: Answer) -> bool:
    return answer.status == 200 and 'method="post"' in answer.text.lower()
