"""What `gatewright doctor URL` looks at from outside: one function for each probe, and the list that names them.

A new probe is a function in a module here and its line in `PROBES`. It is given the server (`site.Site`), and gives
back what it found. Nothing it asks may make an account, send a mail, redeem something real or wear the server out:
wrong passwords are tried for addresses that cannot exist, and no more of them than it takes to meet a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from gatewright.cli.console import Refused
from gatewright.cli.findings import Finding
from gatewright.cli.probes import (
    accounts,
    cookies,
    cors,
    docs,
    errors,
    forwarded,
    headers,
    host,
    https,
    keys,
    limits,
    redeeming,
    server,
    sites,
    tokens,
)
from gatewright.cli.probes.site import BadCertificate, NoAnswer, NoTls, Site, checked_url, open_client

_SECONDS = 60.0
"""How long one probe may take."""

Probe = Callable[[Site], Awaitable[list[Finding]]]

# The last three try passwords, and in this order: comparing accounts needs tries that no limit refuses.
PROBES: tuple[tuple[str, Probe], ...] = (
    ("https", https.probe),
    ("headers", headers.probe),
    ("server", server.probe),
    ("cors", cors.probe),
    ("sites", sites.probe),
    ("cookies", cookies.probe),
    ("keys", keys.probe),
    ("tokens", tokens.probe),
    ("redeeming", redeeming.probe),
    ("host", host.probe),
    ("docs", docs.probe),
    ("errors", errors.probe),
    ("accounts", accounts.probe),
    ("limits", limits.probe),
    ("forwarded", forwarded.probe),
)
"""All of them, in the order in which they are made."""


async def examine(url: str, *, known: str | None = None, ca: Path | None = None) -> list[Finding]:
    """Make all probes.

    Args:
        url: The server, with `API_PREFIX` at its end where that is set.
        known: The address of an account, to compare with addresses that have none.
        ca: Certificates that are trusted besides this machine's.

    Raises:
        Refused: Nothing answers there, nothing of Gatewright's, or with a certificate that is not accepted.
        WrongUse: *url* is no address of a server, or *ca* no file with certificates.
    """
    checked = checked_url(url)
    async with open_client(ca) as client:
        site = Site(checked, client, known)
        await _find(site)
        return [finding for name, probe in PROBES for finding in await _made(name, probe, site)]


async def _find(site: Site) -> None:
    path = site.call("/auth/login")
    try:
        answer = await site.get(path)
    except BadCertificate as error:
        raise Refused(_printable(f"{site.origin} has a certificate that is not accepted: {error}")) from None
    except NoTls as error:
        advice = "Check the port, or ask by http where nothing in front of the server speaks https."
        raise Refused(_printable(f"{site.origin} does not speak TLS ({error}). {advice}")) from None
    except NoAnswer as error:
        said = f"{site.origin} cannot be reached: {error}. Check the address, and that the server runs."
        raise Refused(_printable(said)) from None
    # It is a POST: whoever knows the path refuses a GET.
    if answer.status == 405:
        return
    if 300 <= answer.status < 400 and (location := answer.headers.get("location")):
        raise Refused(_printable(f"{site.origin} sends elsewhere, to {location[:200]}. Ask there."))
    raise Refused(
        f"{site.origin} answers, but {path} is no login of Gatewright's (status {answer.status}). Where API_PREFIX is "
        "set, write it behind the address: https://example.com/api"
    )


async def _made(name: str, probe: Probe, site: Site) -> list[Finding]:
    try:
        async with asyncio.timeout(_SECONDS):
            findings = await probe(site)
    except NoAnswer as error:
        findings = [Finding(name, False, f"a request was not answered ({error}): see the server's log")]
    except TimeoutError:
        findings = [Finding(name, False, f"the answers took longer than {_SECONDS:.0f} s together")]
    return [Finding(each.check, each.ok, _printable(each.message)) for each in findings]


def _printable(text: str) -> str:
    # Some of it is the server's, which must not reach into somebody's terminal.
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
