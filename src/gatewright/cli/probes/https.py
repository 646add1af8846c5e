"""Whether anything can be asked in clear."""

from __future__ import annotations

from urllib.parse import urlsplit

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import NoAnswer, Site

CHECK = "https"


async def probe(site: Site) -> list[Finding]:
    """The certificate was looked at by whoever came here; left is what listens beside it, without one."""
    if not site.is_https:
        if site.is_local:
            return [Finding(CHECK, True, "plain http on this machine: TLS and HSTS are not looked at")]
        said = (
            "passwords and tokens can be read on their way. Put a proxy with a certificate in front, and ask by https"
        )
        return [Finding(CHECK, False, f"{site.origin} is plain http: {said}.")]
    if site.port is not None:
        return [Finding(CHECK, True, "the certificate is accepted")]
    return judged(CHECK, await _in_clear(site), otherwise="the certificate is accepted, and plain http gets nothing")


async def _in_clear(site: Site) -> list[str]:
    url = f"http://{urlsplit(site.origin).netloc}{site.call('/auth/login')}"
    try:
        answer = await site.ask("GET", url)
    except NoAnswer:
        return []
    location = answer.headers.get("location", "")
    if 300 <= answer.status < 400 and location.startswith("https://"):
        return []
    return [f"{url} answers in clear (status {answer.status}). Refuse port 80 at the proxy, or redirect it to https."]
