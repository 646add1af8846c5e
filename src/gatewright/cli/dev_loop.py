"""What `gatewright dev` does again and again: look for changes, follow them, say so."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from socket import socket
from types import FrameType

from gatewright.app import Settings, open_database_of
from gatewright.cli.console import complain, notice, refusal_of, say
from gatewright.cli.dev_api import Api
from gatewright.cli.generate import engine_fragments, template_folder
from gatewright.cli.watching import Watch
from gatewright.design.document import Design
from gatewright.design.files import FILE_NAME, load_complete_design
from gatewright.generator.run import GENERATED, MODULES, generate, preview
from gatewright.migrations.draft import Drafted, draft
from gatewright.migrations.losses import Loss

_SECONDS_BETWEEN_LOOKS = 0.3
_PART_OF_TIME_FOR_LOOKS = 0.015


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
        # Until code and tables are what the design says, every change is a reason to try again.
        self._is_behind = True
        self._is_interrupted = False

    def interrupt(self, _: int, __: FrameType | None) -> None:
        """A signal handler that ends `run`.

        Python swallows an exception that a handler raises within a finalizer; what was swallowed is found at the
        next look.
        """
        self._is_interrupted = True
        raise KeyboardInterrupt

    def run(self) -> None:
        """Follow changes until `interrupt` is called.

        Raises:
            KeyboardInterrupt: It was.
        """
        self._follow_design()
        if not self._is_behind:
            self._api.restart()
        pause = _SECONDS_BETWEEN_LOOKS
        while not self._is_interrupted:
            self._api.wait(pause)
            begun = time.perf_counter()
            changed = self._watch.changes()
            # A large app is looked at less often, so that an idle loop stays cheap.
            pause = max(_SECONDS_BETWEEN_LOOKS, (time.perf_counter() - begun) / _PART_OF_TIME_FOR_LOOKS)
            if changed:
                self._follow(changed)
            self._api.tell_if_ended()
        raise KeyboardInterrupt

    def stop(self) -> None:
        """End the app."""
        self._api.stop()

    def _follow(self, changed: Sequence[Path]) -> None:
        say(f"{_names(changed)} changed.")
        # The design or the settings. A migration may be a draft that was sealed, or come from somebody else.
        self._is_behind |= any(len(path.parts) == 1 or path.parts[0] == "migrations" for path in changed)
        # Without new code or tables the app could not start: better the old one than none.
        if self._follow_design():
            self._api.restart()

    def _follow_design(self) -> bool:
        """Bring tables and code to the design; False when they stay as they are, which has been said."""
        try:
            design = load_complete_design(self._folder, engine_fragments())
            if self._is_behind:
                preview(self._folder, engine_fragments, templates=template_folder())
            # Of the database nobody tells that somebody has deleted it.
            if not self._migrate(design):
                self._is_behind = True
            elif self._is_behind:
                self._generate()
                self._is_behind = False
        except Exception as error:  # Whatever it is, the next save may mend it.
            self._is_behind = True
            complain(refusal_of(error)[0])
            notice("Nothing was changed. It goes on when the file is saved again.")
        return not self._is_behind

    def _generate(self) -> None:
        outcome = generate(self._folder, engine_fragments, templates=template_folder())
        self._watch.skip(GENERATED, *(MODULES / name for name in outcome.made))
        for note in outcome.notes:
            notice(note)
        for name in outcome.made:
            say(f"Made app/modules/{name}/, which is yours.")
        if outcome.changes:
            say(f"Generated {len(outcome.changes)} file(s) in app/generated/.")

    def _migrate(self, design: Design) -> bool:
        drafted = asyncio.run(_draft(self._folder, design, allow_data_loss=False))
        if drafted.waiting:
            if not _agreed(drafted.waiting):
                return False
            if load_complete_design(self._folder, engine_fragments()) != design:
                say(f"{FILE_NAME} has changed meanwhile; nothing was lost.")
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
            "Nothing was changed, and there is no terminal to ask on. Change the design, or stop this and run "
            "gatewright dev in a terminal, where it asks."
        )
        return False
    if _answer("Make it all the same? [y/N] ").strip().lower() in ("y", "yes"):
        return True
    say("Nothing was changed. It goes on when the file is saved again.")
    return False


def _answer(question: str) -> str:
    """What is typed after *question* was shown; nothing at the end of input. Ctrl-C ends the loop, as elsewhere."""
    with suppress(ImportError, OSError):
        import termios

        # What was typed before answers something else.
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    try:
        return input(question)
    except EOFError:
        say("")
        return ""


def _names(changed: Sequence[Path]) -> str:
    first = changed[0].as_posix()
    return first if len(changed) == 1 else f"{first} and {len(changed) - 1} more"
