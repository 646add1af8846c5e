"""`gatewright generate`: the app's code, from its design."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatewright.cli.console import REFUSED, notice, say
from gatewright.errors import SetupError

if TYPE_CHECKING:
    from gatewright.design.document import Table
    from gatewright.generator.run import Outcome
    from gatewright.settings import KernelSettings

_LISTED = 20


def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if the code differs from the design.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; print the changes as a diff.")] = False,
    no_move: Annotated[
        bool,
        typer.Option(
            "--no-move", help="Leave app/modules/ and your code as they are when tables or columns are renamed."
        ),
    ] = False,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Your templates, which replace built-in ones of the same name; overrides [generator] template.",
        ),
    ] = None,
) -> None:
    """Generate the app's models, schemas, repositories, services, routers and tests from db.design.json."""
    from gatewright.generator import run

    templates = template or template_folder()
    if check or dry_run:
        _show(run.preview(Path(), engine_fragments, templates=templates, move=not no_move), diff=dry_run)
        return
    _print(run.generate(Path(), engine_fragments, templates=templates, move=not no_move))


def engine_fragments() -> list[Table]:
    """The engine's part of every design."""
    from gatewright.core.engine_tables import engine_tables

    return engine_tables()


def template_folder() -> Path | None:
    """The folder that `[generator] template` names; None without that setting.

    Raises:
        SetupError: The settings are not valid, or there is no such folder.
    """
    named = _settings().generator.template
    if named is None:
        return None
    folder = Path(named)
    if not folder.is_dir():
        raise SetupError(
            f"[generator] template: the folder {folder} does not exist. Create it, or correct the setting."
        )
    return folder


def _settings() -> KernelSettings:
    from gatewright.settings import KernelSettings

    try:
        return KernelSettings()
    except SetupError:
        # Of a feature's section, or of a mistake, the whole app knows more; importing it takes a second.
        from gatewright.selection import Settings

        return Settings()


def _show(outcome: Outcome, *, diff: bool) -> None:
    """Say what a run would do; without *diff*, with the exit status too."""
    _note(outcome)
    if outcome.is_empty:
        say("The code is up to date.")
    elif diff:
        say(
            "\n".join(
                filter(
                    None,
                    [
                        outcome.diff(),
                        *(f"app/modules/{old}/ would move to app/modules/{new}/" for old, new in outcome.moved),
                        *(f"app/modules/{name}/ would be created" for name in outcome.made),
                    ],
                )
            )
        )
    else:
        say("\n".join(["The code differs from the design. Run: gatewright generate", *_lines(outcome)]))
        raise typer.Exit(REFUSED)


def _print(outcome: Outcome) -> None:
    _note(outcome)
    say("\n".join(_lines(outcome)) if not outcome.is_empty else "Nothing to do: the code is up to date.")


def _note(outcome: Outcome) -> None:
    for note in outcome.notes:
        notice(note)


def _lines(outcome: Outcome) -> list[str]:
    """Each change on a line, the first of them."""
    lines = [f"{_verb(change.old, change.new)} app/generated/{change.path}" for change in outcome.changes]
    if len(lines) > _LISTED:
        lines = [*lines[:_LISTED], f"         … and {len(lines) - _LISTED} more files"]
    lines += [f"changed  {change.path}: it names what moved or was renamed" for change in outcome.imports]
    lines += [f"moved    app/modules/{old}/ to app/modules/{new}/" for old, new in outcome.moved]
    return lines + [f"created  app/modules/{name}/, which is yours to edit" for name in outcome.made]


def _verb(old: bytes | None, new: bytes | None) -> str:
    return "removed " if new is None else "created " if old is None else "changed "
