"""The headers that protect a browser's user (OWASP ASVS 5.0 section V3.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site, first_of

CHECK = "headers"

_YEAR = 31_536_000
_MAX_AGE = re.compile(r"(?:^|;)\s*max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_REFERRER_POLICIES = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


async def probe(site: Site) -> list[Finding]:
    """Every kind of answer has to carry them, refusals and pages included."""
    page = site.call("/auth/pages/verify-email")
    answers = [
        await site.get(site.call("/users/profile")),
        await site.get(site.call("/auth/login")),
        await site.get("/.well-known/jwks.json"),
        await site.ask("POST", site.call("/auth/login"), content=b"{"),
        await site.ask("GET", f"{page}?token=none"),
    ]
    return judged(CHECK, _problems(answers, site), otherwise="all there, on every kind of answer")


def _problems(answers: list[Answer], site: Site) -> Iterator[str]:
    rules = _RULES if site.is_https else [rule for rule in _RULES if rule[0] != "Strict-Transport-Security"]
    for name, holds, wanted in rules:
        lacking = [answer.asked for answer in answers if not holds(_policy(answer, name))]
        if lacking:
            yield f"{name} {wanted}: {first_of(lacking)}. A proxy must not take it away or replace it."


def _policy(answer: Answer, name: str) -> str:
    return ", ".join(answer.headers.get_list(name)).strip()


def _hsts(value: str) -> bool:
    found = _MAX_AGE.search(value)
    return found is not None and int(found[1]) >= _YEAR


def _content_security(value: str) -> bool:
    directives = {
        name.lower(): sources for name, _, sources in (part.strip().partition(" ") for part in value.split(";"))
    }
    scripts = directives.get("script-src", directives.get("default-src", "*")).split()
    return not {"'unsafe-inline'", "'unsafe-eval'"} & set(value.replace(";", " ").split()) and "*" not in scripts


def _frame_ancestors(value: str) -> bool:
    directive = re.search(r"frame-ancestors\s+([^;]+)", value)
    return directive is not None and directive[1].strip() in ("'none'", "'self'")


def _referrer(value: str) -> bool:
    # Of several, browsers take the last that they know.
    return value.rpartition(",")[2].strip().lower() in _REFERRER_POLICIES


_Rule = tuple[str, Callable[[str], bool], str]
_RULES: list[_Rule] = [
    ("Strict-Transport-Security", _hsts, "is missing, or shorter than a year"),
    ("X-Content-Type-Options", lambda value: value.lower() == "nosniff", "is not nosniff"),
    ("Referrer-Policy", _referrer, "is missing, or tells other sites whole addresses"),
    ("Content-Security-Policy", _content_security, "is missing, or lets any script run"),
    ("Content-Security-Policy", _frame_ancestors, "lets other sites frame the page"),
    ("Permissions-Policy", bool, "is missing"),
    ("Cross-Origin-Opener-Policy", lambda value: value.startswith("same-origin"), "is missing, or lets others in"),
]
