"""What a refusal tells of the inside, and whether nonsense gets further than it should."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "errors"

_INSIDE = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|site-packages|sqlalchemy|sqlite3?\.|asyncpg|psycopg"
    r"|\bSELECT\b.{1,200}?\bFROM\b|\bINSERT INTO\b|\$argon2",
    re.IGNORECASE | re.DOTALL,
)
_BODY_LIMIT = 64 * 1024
_JSON = {"Content-Type": "application/json"}
_NONSENSE = (
    b"{",
    b"\xff\xfe",
    b'{"email": 1, "password": []}',
    b"[" * 2000,
    b'{"email": "a\\u0000b", "password": "x"}',
)


async def probe(site: Site) -> list[Finding]:
    """Requests that make no sense."""
    problems: dict[str, None] = {}
    async for answer in _answers(site):
        if found := _INSIDE.search(answer.text):
            problems[
                f"{answer.asked} shows its inside ({_shown(found[0])}). Switch off debug, here and in your app."
            ] = None
        elif answer.status == 500:
            problems[f"{answer.asked} fails (500) instead of refusing. The server's log says where."] = None
    path = site.call("/auth/login")
    large = await site.ask("POST", path, content=b'"' + b"x" * _BODY_LIMIT + b'"', headers=_JSON)
    if large.status not in (413, 429):
        problems[f"POST {path} reads bodies of more than {_BODY_LIMIT} bytes (status {large.status}, not 413)."] = None
    return judged(CHECK, problems, otherwise="refusals show nothing of the inside")


async def _answers(site: Site) -> AsyncIterator[Answer]:
    login, profile = site.call("/auth/login"), site.call("/users/profile")
    for content in _NONSENSE:
        yield await site.ask("POST", login, content=content, headers=_JSON)
    yield await site.ask("POST", login, content=b"x=1", headers={"Content-Type": "text/plain"})
    for path in (f"{profile}?%00=%ff", f"{profile}%00", "/nowhere/%2e%2e/%ff", f"/{'x' * 2000}"):
        yield await site.ask("GET", path)
    yield await site.ask("GET", profile, headers={"Authorization": "Bearer ."})
    yield await site.ask("GET", profile, headers={"Authorization": "Basic Og=="})
    yield await site.ask("PATCH", login)


def _shown(found: str) -> str:
    return found.partition("\n")[0][:40]
