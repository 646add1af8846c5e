"""Whether the server writes where a request says that it was sent to (OWASP: host header injection)."""

from __future__ import annotations

import secrets

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import NoAnswer, Site, first_of

CHECK = "host"

_FORWARDED = ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-Host")


async def probe(site: Site) -> list[Finding]:
    """Another host's name is sent, and looked for in what comes back: in redirects, links and documents."""
    name = f"{secrets.token_hex(8)}.example"
    claims = {
        "Host": {"Host": name},
        "X-Forwarded-Host": {**dict.fromkeys(_FORWARDED, name), "Forwarded": f"host={name}"},
    }
    problems = []
    for header, headers in claims.items():
        found = [path for path in _paths(site) if await _comes_back(site, path, headers, name)]
        if found:
            problems.append(
                f"{header} is believed: any host's name comes back from {first_of(found)}. Let the proxy answer for "
                "its own names only, and set this header itself."
            )
    return judged(CHECK, problems, otherwise="the name in a request comes back nowhere")


def _paths(site: Site) -> list[str]:
    calls = (
        "",
        "/auth/login",
        "/auth/login/",
        "/users/profile",
        "/users/profile/",
        "/auth/pages/verify-email",
        "/docs",
    )
    roots = ("/.well-known/jwks.json", "/health/live/", "/openapi.json", "/docs")
    return list(dict.fromkeys([*(site.call(path) or "/" for path in calls), *roots]))


async def _comes_back(site: Site, path: str, headers: dict[str, str], name: str) -> bool:
    try:
        answer = await site.ask("GET", path, headers=headers)
    except NoAnswer:
        # A proxy that hangs up on names that are not its own.
        return False
    return name in answer.text or any(name in value for value in answer.headers.values())
