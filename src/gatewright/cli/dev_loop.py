"""What `gatewright dev` does again and again: look for changes, follow them, say so."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from socket import socket

import typer

from gatewright.app import Settings, open_database_of
from gatewright.cli.console import complain, notice, refusal_of, say
from gatewright.cli.dev_api import Api
from gatewright.cli.generate import engine_fragments
from gatewright.cli.watching import Watch
from gatewright.design.document import Design
from gatewright.design.files import FILE_NAME
from gatewright.generator.run import generate, load_complete_design, preview
from gatewright.migrations.draft import Drafted, draft
from gatewright.migrations.losses import Loss

_SECONDS_BETWEEN_LOOKS = 0.3


class Loop:
    """The loop of one app.

    Args:
        folder: The app's, and the working directory.
        listener: What the app answers on, also while it is started anew.
    """

    def __init__(self, folder: Path, listener: socket) -> None:
        self._folder = folder
        self._api = Api(listener)
        self._watch = Watch(folder)

    def run(self) -> None:
        """Follow changes until a KeyboardInterrupt."""
        if self._follow_design():
            self._api.restart()
        # What was written here needs no second look.
        self._watch.changes()
        while True:
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            if changed := self._watch.changes():
                self._follow(changed)
            self._api.tell_if_ended()

    def stop(self) -> None:
        """End the app."""
        self._api.stop()

    def _follow(self, changed: Sequence[Path]) -> None:
        say(f"{_names(changed)} changed.")
        # A migration may be a draft that was sealed, or come from somebody else.
        of_design = [path for path in changed if path.name == FILE_NAME or path.parts[0] == "migrations"]
        if of_design and not self._follow_design() and len(of_design) == len(changed):
            return
        self._watch.changes()
        self._api.restart()

    def _follow_design(self) -> bool:
        """Bring tables and code to the design; False when they stay as they are, which has been said."""
        try:
            design = load_complete_design(self._folder, engine_fragments())
            preview(self._folder, engine_fragments)
            if not self._migrate(design):
                return False
            outcome = generate(self._folder, engine_fragments)
        except Exception as error:  # Whatever it is, the next save may mend it.
            complain(refusal_of(error)[0])
            notice("Nothing was changed. It goes on when the file is saved again.")
            return False
        for note in outcome.notes:
            notice(note)
        for name in outcome.made:
            say(f"Made app/modules/{name}/, which is yours.")
        if outcome.changes:
            say(f"Generated {len(outcome.changes)} file(s) in app/generated/.")
        return True

    def _migrate(self, design: Design) -> bool:
        drafted = asyncio.run(_draft(self._folder, design, allow_data_loss=False))
        if drafted.waiting:
            if not _agreed(drafted.waiting):
                return False
            drafted = asyncio.run(_draft(self._folder, design, allow_data_loss=True))
        if drafted.is_changed:
            say(f"Migrated the database: {drafted.before or 'nothing'} -> {drafted.after or 'nothing'}.")
        return True


async def _draft(folder: Path, design: Design, *, allow_data_loss: bool) -> Drafted:
    database = open_database_of(Settings(), design)
    # Makes the file of a database that is not there yet.
    await database.migrate(lambda _: None)
    await database.start()
    try:
        return await draft(database, folder, design, allow_data_loss=allow_data_loss)
    finally:
        await database.stop()


def _agreed(losses: Sequence[Loss]) -> bool:
    say("\n".join(["The change would lose data:", *(f"  {loss}" for loss in losses)]))
    if sys.stdin is None or not sys.stdin.isatty():
        notice(
            "Nothing was changed, and there is no terminal to ask on. Change the design, "
            'or run: gatewright migrate make -m "…" --allow-data-loss'
        )
        return False
    if typer.confirm("Make it all the same?", default=False):
        return True
    say("Nothing was changed. It goes on when the file is saved again.")
    return False


def _names(changed: Sequence[Path]) -> str:
    first = changed[0].as_posix()
    return first if len(changed) == 1 else f"{first} and {len(changed) - 1} more"
