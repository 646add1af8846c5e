"""`gatewright migrate`: migrations of the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import REFUSED, Refused, WrongUse, example, say, say_json
from gatewright.cli.running import run_on_database

if TYPE_CHECKING:
    from gatewright.migrations.apply import Applied
    from gatewright.migrations.status import Standing

app = typer.Typer(help="Write and apply migrations of the database.", epilog=example("gatewright migrate apply"))

AllowDataLoss = Annotated[bool, typer.Option("--allow-data-loss", help="Allow changes that lose data.")]


@app.command(
    epilog=example(
        "gatewright migrate make -m posts",
        "gatewright migrate make -m prices --default Post.price=0",
        "gatewright migrate make -m slugs --default-sql 'Post.slug=lower(title)'",
        "gatewright migrate make -m 'no drafts' --allow-data-loss",
    )
)
def make(
    message: Annotated[
        str,
        typer.Option("--message", "-m", metavar="TEXT", help="What the migration does; becomes part of its file name."),
    ],
    allow_data_loss: AllowDataLoss = False,
    default: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE.COLUMN=VALUE", help="Value for existing rows, in a column that becomes required."),
    ] = None,
    default_sql: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE.COLUMN=SQL", help="The same, as an SQL expression over the other columns."),
    ] = None,
) -> None:
    """Write a migration from the newest one to db.design.json. Needs no database."""
    from gatewright.core.engine_tables import design_of
    from gatewright.design.files import FILE_NAME
    from gatewright.migrations.make import make as make_revision

    folder = Path.cwd()
    if not (folder / FILE_NAME).exists():
        raise Refused(
            f"There is no {FILE_NAME} in {folder}. Change to the folder of an app, or create one: gatewright init DIR"
        )
    path = make_revision(
        folder,
        design_of(folder),
        message,
        allow_data_loss=allow_data_loss,
        defaults=dict(_assigned("--default", each) for each in default or ()),
        expressions=dict(_assigned("--default-sql", each) for each in default_sql or ()),
    )
    if path is None:
        say("The design needs no migration.")
    else:
        say(f"Wrote {path.relative_to(folder)}. Review it, then run: gatewright migrate apply")


@app.command(epilog=example("gatewright migrate apply", "gatewright migrate apply --online"))
def apply(
    online: Annotated[
        bool,
        typer.Option("--online", help="On PostgreSQL, let others write to the tables while indexes are built."),
    ] = False,
) -> None:
    """Bring the database up to date.

    It can run at any time, and on several machines at once.
    """
    from gatewright.migrations.apply import apply_all

    for each in run_on_database(lambda db, histories: apply_all(db, histories, online=online), start=False):
        say(_change(each))
    say("The database is up to date.")


@app.command(epilog=example("gatewright migrate sql", "gatewright migrate sql > pending.sql"))
def sql() -> None:
    """Print the SQL that `migrate apply` would run on this database.

    The migrations run in a transaction that is taken back, so it takes as long, and holds the same locks.
    """
    from gatewright.migrations.printed import pending_sql

    statements = run_on_database(pending_sql, start=False)
    say("\n\n".join(f"{each};" for each in statements) or "-- The database is up to date.")


@app.command(epilog=example("gatewright migrate rollback", "gatewright migrate rollback --to base --allow-data-loss"))
def rollback(
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="REVISION", help="The revision to go back to; base undoes all."),
    ] = None,
    allow_data_loss: AllowDataLoss = False,
) -> None:
    """Undo the newest migration of the database, or all after a revision."""
    from gatewright.migrations.apply import roll_back
    from gatewright.migrations.histories import app_history

    history = app_history(Path.cwd())
    rolled = run_on_database(
        lambda db, histories: roll_back(db, history, histories, to=to, allow_data_loss=allow_data_loss)
    )
    say(_change(rolled))


@app.command(epilog=example("gatewright migrate merge", "gatewright migrate merge --take 3f2a9c01b7de"))
def merge(
    message: Annotated[
        str | None,
        typer.Option("--message", "-m", metavar="TEXT", help="What the migration is for. Default: both messages."),
    ] = None,
    take: Annotated[
        str | None,
        typer.Option(metavar="REVISION", help="Which of the two counts where both changed the same thing."),
    ] = None,
) -> None:
    """Join the migrations of two branches, which both come last, by one that follows both. Needs no database."""
    from gatewright.migrations.merge import merge as merge_revisions

    path = merge_revisions(Path.cwd(), message, take=take)
    if path is None:
        say("Nothing to merge: at most one migration comes last.")
        return
    say(
        f"Wrote {path.relative_to(Path.cwd())}. Run: gatewright migrate make -m MESSAGE, in case db.design.json has "
        "more changes, and then: gatewright migrate apply"
    )


@app.command(epilog=example("gatewright migrate status", "gatewright migrate status --json"))
def status(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """Show which migrations the database has and which are left to apply.

    The exit status is 1 when some are left.
    """
    from gatewright.migrations.status import read_standings

    standings = run_on_database(read_standings)
    if json:
        say_json([_body(standing) for standing in standings])
    else:
        say("\n".join(_line(standing) for standing in standings))
    if not all(standing.is_current for standing in standings):
        raise typer.Exit(REFUSED)


def _assigned(option: str, given: str) -> tuple[str, str]:
    place, equals, value = given.partition("=")
    if not equals:
        raise WrongUse(f"{option} {given} must have the form TABLE.COLUMN=VALUE.")
    return place, value


def _change(applied: Applied) -> str:
    return f"{applied.history.name}: {applied.before or 'nothing'} -> {applied.after or 'nothing'}"


def _body(standing: Standing) -> dict[str, object]:
    return {
        "history": standing.history.name,
        "revision": standing.revision,
        "head": standing.history.head,
        "isCurrent": standing.is_current,
        "isDraft": standing.is_draft,
        "pending": list(standing.pending),
        "messages": dict(_messages(standing)),
    }


def _line(standing: Standing) -> str:
    name, at = standing.history.name, standing.revision or "nothing"
    if standing.is_draft:
        return f"{name}: up to date, with the draft {at} of gatewright dev"
    if standing.is_current:
        return f"{name}: up to date, at {at}"
    headline = f"{name}: at {at}, needs {standing.history.head}. Run: gatewright migrate apply"
    return "\n".join([headline, *(f"  {revision}  {message}" for revision, message in _messages(standing))])


def _messages(standing: Standing) -> list[tuple[str, str]]:
    """Each revision that is left to apply, with its message."""
    if not standing.pending:
        return []
    revisions = standing.history.revisions
    return [(revision, revisions[revision].message) for revision in standing.pending]
