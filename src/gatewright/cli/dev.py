"""`gatewright dev`: the app of the working directory, which follows every change of its design and its code."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from gatewright.cli.console import Refused, say


def dev(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 3000,
) -> None:
    """Run the app, and follow each change: of the design by new code and tables, of the code by a reload."""
    from gatewright.cli import apps, listening
    from gatewright.cli.dev_loop import Loop
    from gatewright.design.files import FILE_NAME

    folder = Path.cwd()
    if not (folder / apps.MAIN).is_file() or not (folder / FILE_NAME).is_file():
        raise Refused(f"There is no app in {folder} ({FILE_NAME} and {apps.MAIN}). `gatewright init DIR` makes one.")
    os.environ["GATEWRIGHT_ENVIRONMENT"] = "development"
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _interrupt)
    with listening.bind("127.0.0.1", port) as listener:
        loop = Loop(folder, listener)
        try:
            loop.run()
        except KeyboardInterrupt:
            # A second Ctrl-C must not leave the app running.
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.SIG_IGN)
            loop.stop()
            say("\nStopped.")


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
