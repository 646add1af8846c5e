"""The attributes of cookies (RFC 6265bis section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Site
from gatewright.cli.probes.sites import CARRIED

CHECK = "cookies"

_PREFIX = "__host-"


async def probe(site: Site) -> list[Finding]:
    """Signing out a session that does not exist clears its cookies, in the words in which a login sets them."""
    headers = {"Cookie": CARRIED, "Sec-Fetch-Site": "same-origin"}
    for more in ({}, {"X-Forwarded-Proto": "http", "Forwarded": "proto=http"}):
        await site.ask("POST", site.call("/auth/logout"), headers={**headers, **more})
    seen = list(site.cookies)
    if not seen:
        return [Finding(CHECK, True, "no answer set one")]
    problems = dict.fromkeys(problem for asked, cookie in seen for problem in _problems(site, asked, cookie))
    return judged(CHECK, problems, otherwise="every one that was set keeps to its attributes")


def _problems(site: Site, asked: str, cookie: str) -> Iterator[str]:
    pair, *parts = cookie.split(";")
    name = pair.partition("=")[0].strip()[:60]
    attributes = {
        key.strip().lower(): value.strip().lower() for key, _, value in (part.partition("=") for part in parts)
    }
    is_prefixed = name.lower().startswith(_PREFIX)
    lacking = []
    if "httponly" not in attributes:
        lacking.append("HttpOnly, so that scripts read it")
    if "secure" not in attributes and (site.is_https or is_prefixed):
        lacking.append("Secure, so that it is sent in clear")
    if attributes.get("samesite") not in ("lax", "strict"):
        lacking.append("SameSite=Lax, so that other sites send it")
    if site.is_https and not is_prefixed:
        lacking.append("the prefix __Host-, so that another subdomain can set it")
    if "domain" in attributes or attributes.get("path", "/") != "/":
        lacking.append("the scope of this host alone (no Domain, Path=/)")
    for each in lacking:
        yield f"{name} ({asked}) lacks {each}. PUBLIC_URL has to be https, and no proxy may rewrite Set-Cookie."
