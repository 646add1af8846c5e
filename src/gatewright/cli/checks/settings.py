"""Settings that are accepted, and that do less than whoever wrote them may think."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version
from ipaddress import IPv4Network

from gatewright.app import Settings
from gatewright.cli.findings import Finding, judged, to_mend
from gatewright.errors import SetupError
from gatewright.features.password.hashing import pwned_passwords_of
from gatewright.http.cookies import Cookies
from gatewright.settings.strength import weakness
from gatewright.settings.values import UNIX, Network

# Wider than what any one operator has: the content networks list themselves in blocks of /12 and /28 at the widest.
_WIDEST_IPV4, _WIDEST_IPV6 = 8, 16


def versions() -> Finding:
    """What runs here."""
    shown = ", ".join(f"{name} {version(name)}" for name in ("gatewright", "fastapi", "sqlalchemy"))
    return Finding("versions", True, f"Python {platform.python_version()}, {shown}")


def check_secrets(settings: Settings) -> Iterator[Finding]:
    """Whether production would take the secrets."""
    if not settings.secret:
        yield Finding("secret", True, "made by Gatewright for development")
    for number, secret in enumerate(settings.secret, start=1):
        weak = weakness(secret.get_secret_value())
        which = "secret" if len(settings.secret) == 1 else f"secret {number}"
        yield Finding(which, weak is None, "strong" if weak is None else f"{weak}; production refuses it")


async def check_pwned_passwords(settings: Settings) -> list[Finding]:
    """Whether what it needs is installed; nothing where it is not asked for."""
    try:
        pwned_passwords_of(settings)
    except SetupError as error:
        return [to_mend("pwned", error)]
    return []


async def check_limits(settings: Settings) -> list[Finding]:
    """Whether production limits logins; nothing where it does."""
    if settings.rate_limit_enabled or settings.in_development:
        return []
    said = "switched off by GATEWRIGHT_RATE_LIMIT_ENABLED: a proxy in front has to limit logins"
    return [Finding("limits", True, said)]


async def check_proxies(settings: Settings) -> list[Finding]:
    """Whether `TRUSTED_PROXIES` names proxies, or everybody."""
    trusted = settings.trusted_proxies
    problems = [
        f"GATEWRIGHT_TRUSTED_PROXIES has {network}, which is no proxy but half the internet: anybody there chooses by "
        "X-Forwarded-For whom the limits and the audit log take them for. Name your proxies' own addresses."
        for network in trusted
        if network != UNIX and _is_everybody(network)
    ]
    shown = ", ".join(map(str, trusted))
    none = "none: a client is whoever connects. Behind a proxy, name it in GATEWRIGHT_TRUSTED_PROXIES"
    return judged("proxies", problems, otherwise=f"X-Forwarded-For is believed from {shown}" if trusted else none)


def _is_everybody(network: Network) -> bool:
    return network.prefixlen < (_WIDEST_IPV4 if isinstance(network, IPv4Network) else _WIDEST_IPV6)


async def check_cookies(settings: Settings) -> list[Finding]:
    """Whether browsers keep the cookies; nothing where they do."""
    problem = Cookies(settings.public_url or "http://localhost", ()).problem
    return [] if problem is None else [Finding("cookies", False, problem)]
