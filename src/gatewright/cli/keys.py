"""`gatewright keys`: the keys that access tokens are signed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import example, say, say_json
from gatewright.cli.running import run_service

if TYPE_CHECKING:
    from datetime import datetime

    from gatewright.core.context import Context
    from gatewright.features.signing_keys.service import ListedKey

app = typer.Typer(help="List and replace the signing keys.", epilog=example("gatewright keys list"))


@app.command("list", epilog=example("gatewright keys list", "gatewright keys list --json"))
def list_(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List the signing keys, the newest first. Only names and times: the keys themselves stay sealed."""
    from gatewright.app import Gatewright
    from gatewright.features.signing_keys import service

    keys = run_service(Gatewright(), service.list_keys)
    if json:
        say_json([_body(key) for key in keys])
    else:
        say(_table(keys))


@app.command(epilog=example("gatewright keys rotate", "gatewright keys rotate --now --json"))
def rotate(
    now: Annotated[
        bool, typer.Option("--now", help="A key was stolen: withdraw all others at once, and the tokens they signed.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the new key as JSON, and how many were withdrawn.")
    ] = False,
) -> None:
    """Publish a new signing key; it signs six minutes later, when every copy of the JWKS has it, and nobody notices.

    The old key verifies until its last token has expired. With `--now`, the new one signs at once and all others are
    withdrawn: access tokens that they signed are refused within a second, and clients refresh. No session ends.
    """
    from gatewright.app import Gatewright

    key, withdrawn = run_service(Gatewright(), _withdraw if now else _rotate)
    if json:
        say_json({**_body(key), "withdrawn": withdrawn})
    elif now:
        say(f"A new key signs from now on; withdrew {withdrawn} other(s). Access tokens of theirs count no more.")
    else:
        say(f"Published a new key. It signs from {_shown(key.activates_at)} on.")


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
