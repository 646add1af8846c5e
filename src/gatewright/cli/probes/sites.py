"""Whether a page of another site can act by the cookies of a browser."""

from __future__ import annotations

import secrets

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Site, first_of

CHECK = "sites"

# Both names: which one the server has depends on its PUBLIC_URL.
CARRIED = "__Host-gatewright_refresh=none; gatewright_refresh=none"


async def probe(site: Site) -> list[Finding]:
    """Sign out a session that does not exist, as the page of a stranger would, of another subdomain, and of nobody."""
    foreign = f"https://{secrets.token_hex(6)}.example"
    pages = {
        "another site": {"Origin": foreign, "Sec-Fetch-Site": "cross-site"},
        "another subdomain": {"Origin": f"{site.origin}.example", "Sec-Fetch-Site": "same-site"},
        "a page without an origin": {"Origin": "null"},
    }
    let_in = []
    for name, headers in pages.items():
        answer = await site.ask("POST", site.call("/auth/logout"), headers={"Cookie": CARRIED, **headers})
        if answer.status != 403:
            let_in.append(name)
    said = f"calls with a browser's cookies are taken from {first_of(let_in)}, which could act for its user. A proxy"
    problems = [f"{said} must pass Origin and Sec-Fetch-Site on as they are."] if let_in else []
    return judged(CHECK, problems, otherwise="calls with cookies are refused to pages of other sites")
