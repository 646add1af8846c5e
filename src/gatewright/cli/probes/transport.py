"""What every answer carries: TLS, the security headers, and nothing about the software behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from gatewright.cli.probes.site import Answer, NoAnswer, Result, Site, shortened

_YEAR = 31_536_000
_MAX_AGE = re.compile(r"(?:^|;)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_REFERRER_POLICIES = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
_NAMING = ("X-Powered-By", "X-AspNet-Version", "X-Runtime")
# The name of a proxy reveals little; a version reveals more, and so does the program behind it.
_TOO_MUCH = re.compile(r"\d|uvicorn|gunicorn|hypercorn|granian|daphne|python|werkzeug|starlette", re.IGNORECASE)


async def https(site: Site) -> Result:
    """Whether the server can be reached without TLS. Its certificate was checked by the first request."""
    if not site.is_https:
        if site.is_local:
            return "plain http on this machine: TLS and HSTS are not looked at"
        risk = "passwords and tokens can be read on their way"
        return [f"{site.origin} is plain http: {risk}. Put a proxy with a certificate in front, and ask by https."]
    if site.port is not None:
        return "the certificate is accepted"
    return await _answered_in_clear(site) or "the certificate is accepted, and plain http gets nothing"


async def _answered_in_clear(site: Site) -> list[str]:
    url = f"http://{urlsplit(site.origin).netloc}{site.call('/auth/login')}"
    try:
        answer = await site.ask("GET", url)
    except NoAnswer:
        return []
    if answer.is_redirect and answer.headers.get("location", "").startswith("https://"):
        return []
    return [f"{url} answers in clear (status {answer.status}). Refuse port 80 at the proxy, or redirect it to https."]


async def headers(site: Site) -> Result:
    """Whether all kinds of answers carry the headers that protect browsers (OWASP ASVS 5.0 section V3.4)."""
    answers = [
        await site.get(site.call("/users/profile")),
        await site.get(site.call("/auth/login")),
        await site.get("/.well-known/jwks.json"),
        await site.ask("POST", site.call("/auth/login"), content=b"{"),
        await site.ask("GET", f"{site.call('/auth/pages/verify-email')}?token=none"),
    ]
    return list(_missing_headers(answers, site)) or "all there, on every kind of answer"


def _missing_headers(answers: list[Answer], site: Site) -> Iterator[str]:
    for name, holds, fault in _RULES:
        lacking = [answer.asked for answer in answers if not holds(", ".join(answer.headers.get_list(name)).strip())]
        if lacking and (site.is_https or name != "Strict-Transport-Security"):
            yield f"{name} {fault}: {shortened(lacking)}. A proxy must not remove or replace it."


def _is_hsts_long(value: str) -> bool:
    found = _MAX_AGE.search(value)
    return found is not None and int(found[1]) >= _YEAR


def _limits_scripts(value: str) -> bool:
    directives = {
        name.lower(): sources for name, _, sources in (part.strip().partition(" ") for part in value.split(";"))
    }
    scripts = directives.get("script-src", directives.get("default-src", "*")).split()
    return not {"'unsafe-inline'", "'unsafe-eval'"} & set(value.replace(";", " ").split()) and "*" not in scripts


def _limits_frames(value: str) -> bool:
    directive = re.search(r"frame-ancestors\s+([^;]+)", value)
    return directive is not None and directive[1].strip() in ("'none'", "'self'")


def _limits_referrers(value: str) -> bool:
    # Of several policies, browsers take the last that they know.
    return value.rpartition(",")[2].strip().lower() in _REFERRER_POLICIES


_RULES: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("Strict-Transport-Security", _is_hsts_long, "is missing, or shorter than a year"),
    ("X-Content-Type-Options", lambda value: value.lower() == "nosniff", "is not nosniff"),
    ("Referrer-Policy", _limits_referrers, "is missing, or sends whole addresses to other sites"),
    ("Content-Security-Policy", _limits_scripts, "is missing, or lets any script run"),
    ("Content-Security-Policy", _limits_frames, "lets other sites frame the page"),
    ("Permissions-Policy", bool, "is missing"),
    ("Cross-Origin-Opener-Policy", lambda value: value.startswith("same-origin"), "is missing, or lets others in"),
)


async def server(site: Site) -> Result:
    """Whether headers reveal the software: attackers search for versions with a known vulnerability."""
    answers = [await site.get(site.call("/auth/login")), await site.get("/.well-known/jwks.json")]
    return list(dict.fromkeys(_revealed(answers))) or "no header reveals the software"


def _revealed(answers: list[Answer]) -> Iterator[str]:
    for answer in answers:
        software = answer.headers.get("server", "")
        if _TOO_MUCH.search(software):
            yield (
                f"The Server header reveals {software[:60]}. Start uvicorn with --no-server-header, or hide it at "
                "the proxy."
            )
        for name in _NAMING:
            if name in answer.headers:
                yield f"The header {name} reveals {answer.headers[name][:60]}. Remove it at the proxy."
