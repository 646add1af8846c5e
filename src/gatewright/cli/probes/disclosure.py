"""What answers reveal or repeat that they should not: host names, documents, metrics, tracebacks."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator

from gatewright.cli.probes.site import Answer, NoAnswer, Result, Site, shortened

_FORWARDED_HOSTS = ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-Host")
_CALLS_WITH_LINKS = (
    "",
    "/auth/login",
    "/auth/login/",
    "/users/profile",
    "/users/profile/",
    "/auth/pages/verify-email",
    "/docs",
)
_PATHS_WITH_LINKS = ("/.well-known/jwks.json", "/health/live/", "/openapi.json", "/docs")
_INTERNALS = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|site-packages|sqlalchemy|sqlite3?\.|asyncpg|psycopg"
    r"|\bSELECT\b.{1,200}?\bFROM\b|\bINSERT INTO\b|\$argon2",
    re.IGNORECASE | re.DOTALL,
)
_BODY_LIMIT = 64 * 1024
_JSON = {"Content-Type": "application/json"}
_INVALID_BODIES = (
    b"{",
    b"\xff\xfe",
    b'{"email": 1, "password": []}',
    b"[" * 2000,
    b'{"email": "a\\u0000b", "password": "x"}',
)


async def host(site: Site) -> Result:
    """Whether redirects, links and documents repeat the host that a request names (OWASP: host header injection)."""
    name = f"{secrets.token_hex(8)}.example"
    claims = {
        "Host": {"Host": name},
        "X-Forwarded-Host": {**dict.fromkeys(_FORWARDED_HOSTS, name), "Forwarded": f"host={name}"},
    }
    paths = dict.fromkeys([*(site.call(path) or "/" for path in _CALLS_WITH_LINKS), *_PATHS_WITH_LINKS])
    problems = []
    for header, headers in claims.items():
        repeating = [path for path in paths if await _repeats(site, path, headers, name)]
        if repeating:
            problems.append(
                f"{header} is believed: {shortened(repeating)} repeats the name of any host. Let the proxy answer for "
                "its own names only, and set this header itself."
            )
    return problems or "no answer repeats the host name of a request"


async def _repeats(site: Site, path: str, headers: dict[str, str], name: str) -> bool:
    try:
        answer = await site.ask("GET", path, headers=headers)
    except NoAnswer:
        # A proxy that closes the connection for names that are not its own.
        return False
    return name in answer.text or any(name in value for value in answer.headers.values())


async def docs(site: Site) -> Result:
    """Whether the OpenAPI document, its pages and the metrics are open to everyone."""
    documents = dict.fromkeys([site.call("/openapi.json"), "/openapi.json"])
    opened = [path for path in documents if _is_document(await site.get(path))]
    opened += [path for path in ("/docs", "/redoc") if _is_page(await site.get(path))]
    advice = "In production, leave GATEWRIGHT_DOCS__ENABLED out, or set it to false."
    problems = [f"{path} is open. {advice}" for path in opened]
    metrics = await site.get("/metrics")
    if metrics.status == 200 and "# TYPE " in metrics.text:
        problems.append("/metrics is open. Keep its listener where only your own network reaches it.")
    return problems or "the documentation and the metrics are not public"


def _is_page(answer: Answer) -> bool:
    # Apps for browsers answer every path with a page of their own.
    text = answer.text.lower()
    return answer.status == 200 and ("swagger" in text or "redoc" in text)


def _is_document(answer: Answer) -> bool:
    body = answer.json
    return answer.status == 200 and isinstance(body, dict) and ("openapi" in body or "swagger" in body)


async def errors(site: Site) -> Result:
    """Whether refusals reveal internals, and whether invalid or large requests are refused at all."""
    problems: dict[str, None] = {}
    async for answer in _refusals(site):
        if found := _INTERNALS.search(answer.text):
            shown = found[0].partition("\n")[0][:40]
            problems[f"{answer.asked} reveals internals ({shown}). Switch off debug, here and in your app."] = None
        elif answer.status == 500:
            problems[f"{answer.asked} fails (500) instead of refusing. The server's log says where."] = None
    path = site.call("/auth/login")
    large = await site.ask("POST", path, content=b'"' + b"x" * _BODY_LIMIT + b'"', headers=_JSON)
    if large.status not in (413, 429):
        problems[f"POST {path} reads bodies of more than {_BODY_LIMIT} bytes (status {large.status}, not 413)."] = None
    return list(problems) or "refusals reveal no internals"


async def _refusals(site: Site) -> AsyncIterator[Answer]:
    login, profile = site.call("/auth/login"), site.call("/users/profile")
    for content in _INVALID_BODIES:
        yield await site.ask("POST", login, content=content, headers=_JSON)
    yield await site.ask("POST", login, content=b"x=1", headers={"Content-Type": "text/plain"})
    for path in (f"{profile}?%00=%ff", f"{profile}%00", "/nowhere/%2e%2e/%ff", f"/{'x' * 2000}"):
        yield await site.ask("GET", path)
    yield await site.ask("GET", profile, headers={"Authorization": "Bearer ."})
    yield await site.ask("GET", profile, headers={"Authorization": "Basic Og=="})
    yield await site.ask("PATCH", login)
