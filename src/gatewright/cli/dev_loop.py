"""The loop of `gatewright dev`: look for changes, apply them, print what was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from socket import socket
from types import FrameType

from gatewright.cli.console import complain, notice, refusal_of, say
from gatewright.cli.dev_api import Api
from gatewright.cli.dev_questions import UNCHANGED, Question, ask, default_hint
from gatewright.cli.generate import engine_fragments, template_folder
from gatewright.cli.watching import Watch
from gatewright.design.document import Design
from gatewright.design.files import FILE_NAME, load_complete_design, save_design
from gatewright.errors import SetupError
from gatewright.files import MACHINE_FOLDER, make_machine_folder
from gatewright.generator.run import GENERATED, MODULES, generate, preview
from gatewright.migrations.draft import Drafted, draft
from gatewright.migrations.losses import RowsViolateChange
from gatewright.selection import Settings, open_database_of

_SECONDS_BETWEEN_LOOKS = 0.3
_PART_OF_TIME_FOR_LOOKS = 0.015

SERVED = MACHINE_FOLDER / "served.design.json"
"""The copy of the design that the app reads: the last one that was followed."""


class Loop:
    """The loop of one app.

    Args:
        folder: The app's, and the working directory.
        listener: What the app answers on, also while it restarts.
        debug: Whether the app logs each seal of the audit log.
    """

    def __init__(self, folder: Path, listener: socket, *, debug: bool = False) -> None:
        self._folder = folder
        self._served = folder / SERVED
        self._api = Api(listener, self._served, debug=debug)
        self._watch = Watch(folder)
        # Until code and tables match the design, every change is a reason to try again.
        self._is_behind = True
        # Whether code and database are those of the copy that the app reads.
        self._fits = self._served.exists()
        self._question: Question | None = None
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
        self._follow_and_serve(has_new_code=True)
        pause = _SECONDS_BETWEEN_LOOKS
        while not self._is_interrupted:
            self._api.wait(pause)
            begun = time.perf_counter()
            changed = self._watch.changes()
            # A large app is looked at less often, so that an idle loop stays cheap.
            pause = max(_SECONDS_BETWEEN_LOOKS, (time.perf_counter() - begun) / _PART_OF_TIME_FOR_LOOKS)
            if changed:
                self._follow(changed)
            elif self._question is not None and (agrees := self._question.answer()) is not None:
                self._decide(self._question, agrees=agrees)
            self._api.report_exit()
        raise KeyboardInterrupt

    def stop(self) -> None:
        """End the app."""
        self._api.stop()

    def _follow(self, changed: Sequence[Path]) -> None:
        say(f"{_names(changed)} changed.")
        # The design or the settings. A migration may be a draft that was sealed, or come from another developer.
        concerns_design = any(len(path.parts) == 1 or path.parts[0] == "migrations" for path in changed)
        if self._question is not None and not concerns_design:
            self._restart_as_it_was()
            return
        if self._question is not None:
            self._question = None
            say(f"{FILE_NAME} has changed meanwhile; the question is withdrawn and nothing was lost.")
        self._is_behind |= concerns_design
        self._follow_and_serve(has_new_code=any(path.parts[0] == "app" for path in changed))

    def _follow_and_serve(self, *, has_new_code: bool) -> None:
        if self._follow_design():
            self._api.restart()
        elif has_new_code:
            self._restart_as_it_was()

    def _restart_as_it_was(self) -> None:
        """Run the app's code with the last design that was followed, while another one has to wait."""
        # A process that runs is better than one that could not start.
        if self._fits and _settings_are_valid():
            self._api.restart()

    def _decide(self, question: Question, *, agrees: bool) -> None:
        self._question = None
        if not agrees:
            say(UNCHANGED)
        elif self._follow_design(agreed=question.design):
            self._api.restart()

    def _follow_design(self, *, agreed: Design | None = None) -> bool:
        """Bring tables and code to the design; False when they stay as they are, which was printed.

        Args:
            agreed: The design that may lose data.
        """
        try:
            design = load_complete_design(self._folder, engine_fragments())
            return self._bring_to(design, allow_data_loss=design == agreed)
        except Exception as error:  # Any error: the next save may correct it.
            self._is_behind = True
            complain(refusal_of(error)[0])
            if isinstance(error, RowsViolateChange) and (hint := default_hint(self._folder, design, error.losses)):
                notice(hint)
            notice(UNCHANGED)
            return False

    def _bring_to(self, design: Design, *, allow_data_loss: bool) -> bool:
        if self._is_behind:
            preview(self._folder, engine_fragments, templates=template_folder())
        # The database may have been deleted meanwhile, so it is looked at each time.
        if not self._migrate(design, allow_data_loss=allow_data_loss):
            self._is_behind = True
            return False
        if self._is_behind:
            self._generate()
            make_machine_folder(self._folder)
            save_design(self._served, design)
            self._is_behind = False
        self._fits = True
        return True

    def _generate(self) -> None:
        outcome = generate(self._folder, engine_fragments, templates=template_folder())
        self._watch.skip(GENERATED, *(MODULES / name for name in outcome.made))
        for note in outcome.notes:
            notice(note)
        for name in outcome.made:
            say(f"Created app/modules/{name}/. It is yours to edit.")
        if outcome.changes:
            say(f"Generated {len(outcome.changes)} file(s) in app/generated/.")

    def _migrate(self, design: Design, *, allow_data_loss: bool) -> bool:
        drafted = asyncio.run(_draft(self._folder, design, allow_data_loss=allow_data_loss))
        if drafted.waiting:
            self._question = ask(design, drafted.waiting)
            return False
        if drafted.is_changed:
            self._fits = False
            say(f"Migrated the database: {drafted.before or 'nothing'} -> {drafted.after or 'nothing'}.")
        return True


def _settings_are_valid() -> bool:
    try:
        Settings()
    except SetupError:
        return False
    return True


async def _draft(folder: Path, design: Design, *, allow_data_loss: bool) -> Drafted:
    settings = Settings()
    database = open_database_of(settings, design)
    # Makes the file of a database that is not there yet.
    await database.migrate(lambda _: None)
    await database.start()
    try:
        of_features = settings.feature_set.own_histories
        return await draft(database, folder, design, of_features, allow_data_loss=allow_data_loss)
    finally:
        await database.stop()


def _names(changed: Sequence[Path]) -> str:
    first = changed[0].as_posix()
    return first if len(changed) == 1 else f"{first} and {len(changed) - 1} more"
