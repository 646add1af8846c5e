"""`gatewright migrate`: the database's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import REFUSED, example, say, say_json
from gatewright.cli.running import run_on_database

if TYPE_CHECKING:
    from gatewright.migrations.status import Standing

app = typer.Typer(help="The tables of the database.", epilog=example("gatewright migrate apply"))


@app.command(epilog=example("gatewright migrate apply"))
def apply() -> None:
    """Bring the database up to date.

    Safe to run as often as you like, and from several machines at once.
    """
    from gatewright.migrations.apply import apply_all

    applied = run_on_database(apply_all, start=False)
    for each in applied:
        say(f"{each.history.name}: {each.before or 'nothing'} -> {each.history.head}")
    say("The database is up to date.")


@app.command(epilog=example("gatewright migrate status", "gatewright migrate status --json"))
def status(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Show how far the database is.

    Exit status 1 when something is left to apply.
    """
    from gatewright.migrations.status import standings_on

    standings = run_on_database(lambda db: db.read(lambda tx: standings_on(tx.connection)))
    if json:
        say_json([_body(standing) for standing in standings])
    else:
        say("\n".join(_line(standing) for standing in standings))
    if not all(standing.is_current for standing in standings):
        raise typer.Exit(REFUSED)


def _body(standing: Standing) -> dict[str, object]:
    return {
        "history": standing.history.name,
        "revision": standing.revision,
        "head": standing.history.head,
        "isCurrent": standing.is_current,
    }


def _line(standing: Standing) -> str:
    if standing.is_current:
        return f"{standing.history.name}: up to date, at {standing.revision}"
    at = standing.revision or "nothing"
    return f"{standing.history.name}: at {at}, needs {standing.history.head}. Run: gatewright migrate apply"
