"""`gatewright init`: a new app."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from gatewright.cli.console import say


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder that is new, or empty but for .git.", show_default=False)
    ],
) -> None:
    """Make an app: design, code, settings, migrations, tests, Dockerfile and compose file. Nothing is overwritten."""
    from gatewright.cli.generate import engine_fragments
    from gatewright.generator.scaffold import make_app

    origin = make_app(folder, engine_fragments)
    enter = "" if folder.resolve() == Path.cwd() else f"  cd {_typed(folder)}\n"
    say(f"The app is in {folder}.\n{origin.sentence}\n\nGo on with:\n\n{enter}  gatewright dev")


def _typed(folder: Path) -> str:
    """*folder* as one types it in a shell."""
    text = str(folder)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
