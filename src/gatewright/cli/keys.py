"""`gatewright keys`: the keys that sign access tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import example, say, say_json
from gatewright.cli.running import gatewright_with, run_service

if TYPE_CHECKING:
    from datetime import datetime

    from gatewright.core.context import Context
    from gatewright.features.signing_keys.service import ListedKey

app = typer.Typer(help="List and replace the signing keys.", epilog=example("gatewright keys list"))


@app.command("list", epilog=example("gatewright keys list", "gatewright keys list --json"))
def list_(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the signing keys, newest first. Prints names and times only; the keys stay sealed."""
    from gatewright.features.signing_keys import service

    keys = run_service(gatewright_with("signing_keys"), service.list_keys)
    if json:
        say_json([_body(key) for key in keys])
    else:
        say(_table(keys))


@app.command(epilog=example("gatewright keys rotate", "gatewright keys rotate --now --json"))
def rotate(
    now: Annotated[
        bool,
        typer.Option(
            "--now", help="For a stolen key: withdraw all other keys at once, with the tokens that they signed."
        ),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object: the new key, and the number of withdrawn ones.")
    ] = False,
) -> None:
    """Publish a new signing key. It signs from six minutes later on, when every copy of the JWKS has it.

    The old key verifies until its last token has expired, so no request fails. With `--now`, the new key signs at once
    and all others are withdrawn: access tokens that they signed are refused within a second, and clients refresh. No
    session ends.
    """
    key, withdrawn = run_service(gatewright_with("signing_keys"), _withdraw if now else _rotate)
    if json:
        say_json({**_body(key), "withdrawn": withdrawn})
    elif now:
        say(f"A new key signs now. Withdrew {withdrawn} other(s); access tokens that they signed are refused.")
    else:
        say(f"Published a new key. It signs tokens from {_shown(key.activates_at)} on.")


async def _rotate(context: Context) -> tuple[ListedKey, int]:
    from gatewright.features.signing_keys import service

    await service.rotate(context)
    return (await service.list_keys(context))[0], 0


async def _withdraw(context: Context) -> tuple[ListedKey, int]:
    from gatewright.features.signing_keys import service

    withdrawn = await service.withdraw(context)
    return (await service.list_keys(context))[0], withdrawn


def _body(key: ListedKey) -> dict[str, str | None]:
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state,
        "source": key.source,
        "createdAt": _stamp(key.created_at),
        "activatesAt": _stamp(key.activates_at),
        "retiresAt": _stamp(key.retires_at),
    }


def _table(keys: list[ListedKey]) -> str:
    lines = [("KEY", "ALGORITHM", "STATE", "KEPT IN", "SIGNS FROM", "VERIFIES UNTIL"), *map(_cells, keys)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def _cells(key: ListedKey) -> tuple[str, str, str, str, str, str]:
    return key.kid, key.algorithm, key.state, key.source, _shown(key.activates_at), _shown(key.retires_at)


def _shown(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
