"""Whose pages may read answers (Fetch standard, section 3.2)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "cors"

_MEND = "Name your own apps in GATEWRIGHT_CORS_ORIGINS, and let no proxy add these headers."


async def probe(site: Site) -> list[Finding]:
    """A page of nobody's asks, and so do one without an origin and one whose name begins like the server's."""
    stranger = secrets.token_hex(6)
    origins = [f"https://{stranger}.example", "null", f"{site.origin}.{stranger}.example"]
    problems: dict[str, None] = {}
    for origin in origins:
        for answer in await _asked_from(site, origin):
            problems |= dict.fromkeys(_problems(answer, origin))
    return judged(CHECK, problems, otherwise="pages of other sites read nothing")


async def _asked_from(site: Site, origin: str) -> list[Answer]:
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}
    return [
        await site.ask("GET", site.call("/users/profile"), headers={"Origin": origin}),
        await site.ask("OPTIONS", site.call("/auth/login"), headers={"Origin": origin, **wish}),
    ]


def _problems(answer: Answer, origin: str) -> Iterator[str]:
    allowed = answer.headers.get("access-control-allow-origin", "")
    with_cookies = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
    kind = {"null": "pages without an origin"}.get(origin, "pages of any site")
    if allowed == origin:
        yield f"{kind} may read answers{' in the name of a user' if with_cookies else ''} ({answer.asked}). {_MEND}"
    elif allowed == "*":
        yield f"Access-Control-Allow-Origin is * ({answer.asked}). {_MEND}"
