"""What pages of other sites can do with a user's browser: read answers, act by its cookies, read its cookies."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from gatewright.cli.probes.site import Answer, Result, Site, shortened

_CORS_ADVICE = "Name your own apps in GATEWRIGHT_CORS_ORIGINS, and let no proxy add these headers."
# Both names: which one the server uses depends on its PUBLIC_URL.
_COOKIES = "__Host-gatewright_refresh=none; gatewright_refresh=none"
_PREFIX = "__host-"


async def cors(site: Site) -> Result:
    """Whether pages of unknown origins may read answers (Fetch standard, section 3.2)."""
    unknown = secrets.token_hex(6)
    problems: dict[str, None] = {}
    for origin in (f"https://{unknown}.example", "null", f"{site.origin}.{unknown}.example"):
        for answer in await _asked_from(site, origin):
            problems |= dict.fromkeys(_allowed(answer, origin))
    return list(problems) or "pages of other sites read nothing"


async def _asked_from(site: Site, origin: str) -> list[Answer]:
    wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,authorization"}
    return [
        await site.ask("GET", site.call("/users/profile"), headers={"Origin": origin}),
        await site.ask("OPTIONS", site.call("/auth/login"), headers={"Origin": origin, **wish}),
    ]


def _allowed(answer: Answer, origin: str) -> Iterator[str]:
    allowed = answer.headers.get("access-control-allow-origin", "")
    with_cookies = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
    pages = "pages without an origin" if origin == "null" else "pages of any site"
    if allowed == origin:
        yield (
            f"{pages} may read answers{' in the name of a user' if with_cookies else ''} ({answer.asked}). "
            f"{_CORS_ADVICE}"
        )
    elif allowed == "*":
        yield f"Access-Control-Allow-Origin is * ({answer.asked}). {_CORS_ADVICE}"


async def sites(site: Site) -> Result:
    """Whether pages of other sites can sign out a session, which does not exist, by a browser's cookies."""
    pages = {
        "another site": {"Origin": f"https://{secrets.token_hex(6)}.example", "Sec-Fetch-Site": "cross-site"},
        "another subdomain": {"Origin": f"{site.origin}.example", "Sec-Fetch-Site": "same-site"},
        "a page without an origin": {"Origin": "null"},
    }
    accepted = []
    for name, headers in pages.items():
        answer = await site.ask("POST", site.call("/auth/logout"), headers={"Cookie": _COOKIES, **headers})
        if answer.status != 403:
            accepted.append(name)
    if not accepted:
        return "calls with cookies are refused to pages of other sites"
    return [
        f"Calls with a browser's cookies are accepted from {shortened(accepted)}, which can act for its user. A proxy "
        "must pass Origin and Sec-Fetch-Site on as they are."
    ]


async def cookies(site: Site) -> Result:
    """Whether cookies have their attributes (RFC 6265bis section 4.1).

    Signing out a session that does not exist clears its cookies, with the attributes that a login sets.
    """
    headers = {"Cookie": _COOKIES, "Sec-Fetch-Site": "same-origin"}
    for more in ({}, {"X-Forwarded-Proto": "http", "Forwarded": "proto=http"}):
        await site.ask("POST", site.call("/auth/logout"), headers={**headers, **more})
    if not site.cookies:
        return "no answer set one"
    problems = dict.fromkeys(problem for asked, cookie in site.cookies for problem in _faults(site, asked, cookie))
    return list(problems) or "all cookies have the right attributes"


def _faults(site: Site, asked: str, cookie: str) -> Iterator[str]:
    pair, *parts = cookie.split(";")
    name = pair.partition("=")[0].strip()[:60]
    attributes = {
        key.strip().lower(): value.strip().lower() for key, _, value in (part.partition("=") for part in parts)
    }
    is_prefixed = name.lower().startswith(_PREFIX)
    rules = (
        ("httponly" in attributes, "HttpOnly, so that scripts read it"),
        ("secure" in attributes or not (site.is_https or is_prefixed), "Secure, so that it is sent in clear"),
        (attributes.get("samesite") in ("lax", "strict"), "SameSite=Lax, so that other sites send it"),
        (is_prefixed or not site.is_https, "the prefix __Host-, so that another subdomain can set it"),
        (
            "domain" not in attributes and attributes.get("path", "/") == "/",
            "the scope of this host alone (no Domain, Path=/)",
        ),
    )
    for holds, lacking in rules:
        if not holds:
            yield f"{name} ({asked}) lacks {lacking}. PUBLIC_URL has to be https, and no proxy may rewrite Set-Cookie."
