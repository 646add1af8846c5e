"""What `gatewright doctor URL` checks from outside: one function for each probe, and the table that names them.

A new probe is a function in a module here and its line in `PROBES`. It gets the server (`site.Site`), and returns the
problems that it found or, in a sentence, that all is well. No request may make an account, send a mail, redeem a real
token or overload the server: wrong passwords are tried for addresses that cannot exist, and no more than it takes to
meet a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from gatewright.cli.console import Refused
from gatewright.cli.findings import Finding, Status, ok
from gatewright.cli.probes import browsers, disclosure, guessing, tokens, transport
from gatewright.cli.probes.site import BadCertificate, NoAnswer, NoTls, Result, Site, checked_url, open_client

_SECONDS = 60.0
"""How long one probe may take."""

Probe = Callable[[Site], Awaitable[Result]]

# The last three try passwords, and in this order: comparing accounts needs tries that no limit refuses.
PROBES: dict[str, Probe] = {
    "https": transport.https,
    "headers": transport.headers,
    "server": transport.server,
    "cors": browsers.cors,
    "sites": browsers.sites,
    "cookies": browsers.cookies,
    "keys": tokens.keys,
    "tokens": tokens.tokens,
    "redeeming": tokens.redeeming,
    "host": disclosure.host,
    "docs": disclosure.docs,
    "errors": disclosure.errors,
    "accounts": guessing.accounts,
    "limits": guessing.limits,
    "forwarded": guessing.forwarded,
}
"""All of them, in the order in which they are made."""

# They reveal more than they need to, and give no one access.
_WARNINGS = frozenset({"server", "docs"})


async def examine(url: str, *, known: str | None = None, ca: Path | None = None) -> list[Finding]:
    """Make all probes.

    Args:
        url: The server, with `API_PREFIX` at its end where that is set.
        known: The address of an account, to compare with addresses that have none.
        ca: Certificates that are trusted besides this machine's.

    Raises:
        Refused: No server answers there, another than Gatewright, or one with a certificate that is not accepted.
        WrongUse: *url* is no address of a server, or *ca* no file with certificates.
    """
    checked = checked_url(url)
    async with open_client(ca) as client:
        site = Site(checked, client, known)
        await _reach(site)
        return [finding for name, probe in PROBES.items() for finding in await _findings(name, probe, site)]


async def _reach(site: Site) -> None:
    path = site.call("/auth/login")
    try:
        answer = await site.get(path)
    except BadCertificate as error:
        raise Refused(_printable(f"{site.origin} has a certificate that is not accepted: {error}")) from None
    except NoTls as error:
        advice = "Check the port, or ask by http where nothing in front of the server speaks https."
        raise Refused(_printable(f"{site.origin} does not speak TLS ({error}). {advice}")) from None
    except NoAnswer as error:
        advice = "Check the address, and that the server runs."
        raise Refused(_printable(f"{site.origin} cannot be reached: {error}. {advice}")) from None
    # It is a POST: a server that knows the path refuses a GET.
    if answer.status == 405:
        return
    if answer.is_redirect and (location := answer.headers.get("location")):
        raise Refused(_printable(f"{site.origin} redirects to {location[:200]}. Check that address instead."))
    raise Refused(
        f"{site.origin} answers, but {path} is not Gatewright's login (status {answer.status}). Where API_PREFIX is "
        "set, add it to the address: https://example.com/api"
    )


async def _findings(name: str, probe: Probe, site: Site) -> list[Finding]:
    try:
        async with asyncio.timeout(_SECONDS):
            result = await probe(site)
    except NoAnswer as error:
        result = [f"A request was not answered ({error}). See the server's log."]
    except TimeoutError:
        result = [f"The answers took longer than {_SECONDS:.0f} s together. See the server's log."]
    if isinstance(result, str):
        return [ok(name, _printable(result))]
    status: Status = "warning" if name in _WARNINGS else "fail"
    return [Finding(name, status, _printable(problem)) for problem in result]


def _printable(text: str) -> str:
    # Some of it comes from the server, which must not control the terminal.
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
