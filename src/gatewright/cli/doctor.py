"""`gatewright doctor`: what is wrong with an installation or a running server, and how to fix it."""

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
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="A running server to check from outside.")] = None,
    known: Annotated[
        str | None,
        typer.Option("--known", metavar="EMAIL", help="An account; checks whether answers reveal that it exists."),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="PEM file of certificates to trust in addition to this machine's."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Check the installation, or a running server by its URL, and print how to fix each problem.

    Without a URL it checks settings, secrets, proxies, the mail server, the database, its clock and schema, signing
    keys, the audit log and password hashes. With a URL it sends requests as an anonymous client, for a few seconds. It
    creates no account, sends no mail and changes nothing. Each line is `ok`, `warning` or `fail`; the exit status is 1
    when there is a warning or a failure.

    With a URL it tries about ten wrong passwords for addresses without an account, so the server limits logins from
    this machine for a minute. With `--known` it tries four for that account.
    """
    for option, given in (("--known", known), ("--ca", ca)):
        if given is not None and url is None:
            raise WrongUse(f"{option} needs the URL of a server: gatewright doctor https://auth.example.com")
    findings = asyncio.run(_examine() if url is None else _examine_url(url, known, ca))
    if json:
        say_json([finding.body for finding in findings])
    else:
        say("\n".join(finding.line for finding in findings))
    if not all(finding.is_ok for finding in findings):
        raise typer.Exit(REFUSED)


async def _examine() -> list[Finding]:
    from gatewright.cli.checks import examine

    return await examine()


async def _examine_url(url: str, known: str | None, ca: Path | None) -> list[Finding]:
    if find_spec("httpx2") is None:
        raise Refused("Checking a server needs an HTTP client. Run: pip install 'gatewright[doctor]'")
    from gatewright.cli.probes import examine

    return await examine(url, known=known, ca=ca)
