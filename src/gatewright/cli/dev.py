"""`gatewright dev`: serves the app of the working directory, and applies each change of its design and code."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from gatewright.cli.console import Refused, say
from gatewright.errors import SetupError


def dev(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 chooses a free one.")] = 3000,
) -> None:
    """Run the app, and apply changes while it runs: a new design changes code and tables, new code is reloaded."""
    from gatewright.cli import apps, listening
    from gatewright.cli.dev_loop import Loop
    from gatewright.design.files import FILE_NAME
    from gatewright.generator.run import require_tools

    folder = Path.cwd()
    if not (folder / apps.MAIN).is_file() or not (folder / FILE_NAME).is_file():
        raise Refused(
            f"There is no app in {folder} (it needs {FILE_NAME} and {apps.MAIN}). Create one: gatewright init DIR"
        )
    require_tools()
    _refuse_production()
    os.environ["GATEWRIGHT_ENVIRONMENT"] = "development"
    with listening.bind("127.0.0.1", port) as listener:
        loop = Loop(folder, listener, debug=bool(context.obj))
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, loop.interrupt)
        try:
            loop.run()
        except KeyboardInterrupt:
            # A second Ctrl-C must not leave the app running.
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.SIG_IGN)
            loop.stop()
            say("\nStopped.")


def _refuse_production() -> None:
    from gatewright.selection import Settings

    try:
        settings = Settings()
    except SetupError:
        # The loop prints it, and continues when it is corrected.
        return
    if "environment" in settings.model_fields_set and not settings.in_development:
        raise Refused(
            "GATEWRIGHT_ENVIRONMENT is production, and `gatewright dev` changes the database with the design. Remove "
            "the setting on a development machine, or run: gatewright serve"
        )
