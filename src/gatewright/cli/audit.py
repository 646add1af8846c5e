"""`gatewright audit`: the log of security events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gatewright.cli.console import REFUSED, WrongUse, complain, example, notice, say, say_json
from gatewright.cli.running import Result, run_on_database
from gatewright.clock import rfc3339

if TYPE_CHECKING:
    from gatewright.core.audit.chain import Head
    from gatewright.core.audit.events import EventRow
    from gatewright.core.audit.verification import Verdict
    from gatewright.migrations.histories import History
    from gatewright.storage.database import Database

app = typer.Typer(help="Read and verify the log of security events.", epilog=example("gatewright audit tail"))


@app.command(epilog=example("gatewright audit tail", "gatewright audit tail --follow", "gatewright audit tail -n 100"))
def tail(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=10_000, help="Number of events to print.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing new events until Ctrl-C.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array; with --follow, one JSON object per line.")
    ] = False,
) -> None:
    """Print the newest events, oldest first."""
    from gatewright.core.audit import reading

    async def show(db: Database) -> None:
        if follow:
            async for rows in reading.follow(db, lines):
                _say_lines(map(_json_line if json else _line, rows))
            return
        found = await reading.newest(db, lines)
        if json:
            say_json([reading.body_of(row) for row in found])
        else:
            _say_lines(map(_line, found))

    _run(show)


@app.command(epilog=example("gatewright audit verify", "gatewright audit verify --head 00000000000004d2…"))
def verify(
    head: Annotated[
        str | None, typer.Option("--head", metavar="HEX", help="A head that the server logged earlier.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Check that no event was changed, moved or removed since it was sealed.

    Names the first event that was; the exit status is then 1. If the newest events were removed together with the
    database's own record of them, only `--head`, with a head that you stored elsewhere, shows it.
    """
    from gatewright.core.audit.verification import verify as verify_chain
    from gatewright.core.vault import Vault
    from gatewright.selection import Settings
    from gatewright.settings import prepare

    noted = None if head is None else _head(head)
    vault = Vault(prepare(Settings()).secrets)
    verdict = _run(lambda db: verify_chain(db, vault, noted))
    if json:
        say_json(_body(verdict))
    else:
        _say_lines(_describe(verdict))
    if verdict.fault is not None:
        if not json:
            complain(verdict.fault)
        raise typer.Exit(REFUSED)
    if verdict.is_noted_head_pruned:
        notice("The head of --head is older than the events that retention kept, so it was not compared.")


@app.command(
    epilog=example(
        "gatewright audit export --format jsonl > audit.jsonl",
        "gatewright audit export --format jsonl --since 2026-01-31",
        "gatewright audit export --format jsonl --since 24h",
    )
)
def export(
    format_: Annotated[
        Literal["jsonl"], typer.Option("--format", help="jsonl: one JSON object per line.", show_default=False)
    ],
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Start at this date or time, or this long ago: 24h, 30d."),
    ] = None,
) -> None:
    """Print all events, oldest first."""
    from gatewright.core.audit import reading

    begin = None if since is None else _moment(since)

    async def write(db: Database) -> None:
        async for rows in reading.read_all(db, begin):
            _say_lines(map(_json_line, rows))

    _run(write)


def _run(work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Run *work* on a database that is up to date."""

    async def run(db: Database, histories: Sequence[History]) -> Result:
        from gatewright.migrations.status import check_current

        await check_current(db, histories)
        return await work(db)

    return run_on_database(run)


def _head(text: str) -> Head:
    from gatewright.core.audit.chain import Head

    try:
        return Head.parse(text)
    except ValueError:
        raise WrongUse("--head must be the 80 hexadecimal digits that the server's log shows as head=.") from None


def _moment(text: str) -> datetime:
    from gatewright.clock import SystemClock
    from gatewright.settings.values import duration

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return SystemClock().now() - duration(text)
    except (ValueError, OverflowError):
        raise WrongUse("--since must be a date (2026-01-31), a time in UTC, or a duration (24h, 30d).") from None


def _describe(verdict: Verdict) -> Iterator[str]:
    if verdict.pruned_at is not None:
        yield f"Rows up to {verdict.checkpoint.number} were removed by retention at {verdict.pruned_at:%F %T}."
    if verdict.rows:
        erased = f"; the personal fields of {verdict.erased} were erased" if verdict.erased else ""
        first, last = verdict.checkpoint.number + 1, verdict.head.number
        yield f"Rows {first} to {last} are unchanged since they were sealed{erased}."
    else:
        yield "No sealed row was checked."
    if verdict.unsealed:
        yield f"{verdict.unsealed} rows are not sealed yet; the oldest is from {verdict.unsealed_since:%F %T}."
    yield f"head={verdict.head}"


def _body(verdict: Verdict) -> dict[str, object]:
    pruned, since = verdict.pruned_at, verdict.unsealed_since
    return {
        "ok": verdict.fault is None,
        "fault": verdict.fault,
        "checkpoint": None if pruned is None else {"number": verdict.checkpoint.number, "at": rfc3339(pruned)},
        "rows": verdict.rows,
        "erased": verdict.erased,
        "unsealed": verdict.unsealed,
        "unsealedSince": None if since is None else rfc3339(since),
        "head": {"number": verdict.head.number, "hex": str(verdict.head)},
        "isNotedHeadPruned": verdict.is_noted_head_pruned,
    }


def _say_lines(lines: Iterator[str]) -> None:
    if text := "\n".join(lines):
        say(text)


def _line(row: EventRow) -> str:
    from gatewright.core.audit.lines import line_of

    return f"{row.occurred_at:%F %T} {line_of(row)}"


def _json_line(row: EventRow) -> str:
    import json

    from gatewright.core.audit.reading import body_of

    return json.dumps(body_of(row))
