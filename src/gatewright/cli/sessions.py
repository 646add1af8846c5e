"""`gatewright sessions`: the sessions of all accounts."""

from __future__ import annotations

from typing import Annotated

import typer

from gatewright.cli.console import confirm, example, say, say_json
from gatewright.cli.running import run_service

app = typer.Typer(help="End the sessions of all accounts.", epilog=example("gatewright sessions end-all"))


@app.callback()
def sessions() -> None:
    """End the sessions of all accounts."""


@app.command("end-all", epilog=example("gatewright sessions end-all", "gatewright sessions end-all --yes --json"))
def end_all(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """End every session of every account, for instance after restoring a backup. All users must sign in again.

    Every worker refuses the access tokens within a second. A restored backup contains sessions that have ended since;
    without this command they would be live again.
    """
    from gatewright.app import Gatewright
    from gatewright.features.sessions import service

    auth = Gatewright()
    if not yes:
        confirm("End all sessions of all accounts? All users must sign in again.")
    ended = run_service(auth, service.end_all)
    if json:
        say_json({"ended": ended})
    else:
        say(f"Ended {ended} session(s).")
