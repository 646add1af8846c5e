"""`gatewright init`: a new app."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from gatewright.cli.console import say


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A new folder, or one that contains only .git.", show_default=False)
    ],
) -> None:
    """Create an app: design, code, settings, migrations, tests, Dockerfile and compose file. Overwrites nothing."""
    from gatewright.cli.generate import engine_fragments
    from gatewright.generator.scaffold import make_app

    origin = make_app(folder, engine_fragments)
    enter = "" if folder.resolve() == Path.cwd() else f"  cd {_typed(folder)}\n"
    say(f"Created an app in {folder}.\n{origin.sentence}\n\nStart it with:\n\n{enter}  gatewright dev")


def _typed(folder: Path) -> str:
    """*folder* as one types it in a shell."""
    text = str(folder)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
