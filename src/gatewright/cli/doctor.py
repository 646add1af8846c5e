"""`gatewright doctor`: what is wrong with an installation, or with a server that runs, and how to mend it."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import REFUSED, Refused, WrongUse, say, say_json

if TYPE_CHECKING:
    from gatewright.cli.findings import Finding


def doctor(
    url: Annotated[
        str | None, typer.Argument(metavar="[URL]", help="A server that runs, to be looked at from outside.")
    ] = None,
    known: Annotated[
        str | None,
        typer.Option("--known", metavar="EMAIL", help="An account, to see whether answers tell it from none."),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Certificates in PEM that are trusted besides this machine's."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Check the installation, or a server at its address, and say how to mend it.

    Without an address: settings, secrets, proxies, the mail server, database, clock, schema, signing keys, the audit
    log's key and the hashes of passwords. With one: what a stranger sees who sends it requests, in some seconds. No
    account is made, no mail is sent, and nothing is changed. Exit status 1 when something has to be mended.

    The server's limits will hold for this machine for a minute, since wrong passwords are tried for addresses that
    nobody has; with `--known`, four for that account.
    """
    for option, given in (("--known", known), ("--ca", ca)):
        if given is not None and url is None:
            raise WrongUse(f"{option} goes with the address of a server: gatewright doctor https://auth.example.com")
    findings = asyncio.run(_examine() if url is None else _examine_url(url, known, ca))
    if json:
        say_json([finding.body for finding in findings])
    else:
        say("\n".join(finding.line for finding in findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(REFUSED)


async def _examine() -> list[Finding]:
    from gatewright.cli.checks import examine

    return await examine()


async def _examine_url(url: str, known: str | None, ca: Path | None) -> list[Finding]:
    if find_spec("httpx2") is None:
        raise Refused("Looking at a server needs an HTTP client: pip install 'gatewright[doctor]'.")
    from gatewright.cli.probes import examine

    return await examine(url, known=known, ca=ca)
