"""Bringing a database up to date, and back; Alembic is imported only when there is something to do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from gatewright.design.difference import compare
from gatewright.design.document import Design
from gatewright.errors import SetupError
from gatewright.migrations import branches
from gatewright.migrations.emptied import empty_values, lost_values
from gatewright.migrations.engine_types import hold_engine_columns
from gatewright.migrations.fitness import refuse_virtual_columns
from gatewright.migrations.histories import BUILT_IN, DRAFTS, HISTORIES, AppHistory, History
from gatewright.migrations.losses import DataLoss, RowsViolateChange, at_stake, check_rows
from gatewright.migrations.plan import make_plan
from gatewright.migrations.revision_files import sealed_as
from gatewright.migrations.revisions import Revision
from gatewright.migrations.status import Standing, design_at, revision_of, standing_of, standings_on
from gatewright.storage.database import Database

_LOSE_REVISION = "Add --allow-data-loss to go back all the same."
_LOSE_DRAFT = "To take the draft back all the same, run: gatewright migrate rollback --allow-data-loss"


@dataclass(frozen=True, slots=True)
class Applied:
    """One history that was brought to its head, or back.

    Attributes:
        before: Where the database was.
        after: Where it is now.
    """

    history: History
    before: str | None
    after: str | None


async def apply_all(
    db: Database, histories: Sequence[History], *, allow_data_loss: bool = False, online: bool = False
) -> list[Applied]:
    """Bring the database up to date. When many workers start together, one does it; the others wait and find it done.

    A draft of `gatewright dev` on top of the newest revision stays. One that was sealed becomes the revision that it
    was sealed as, and one on an older revision is taken back first.

    Args:
        histories: Those of the app: `histories_of` its folder.
        allow_data_loss: Whether a draft is taken back also when that loses rows.
        online: Whether other transactions go on meanwhile, as `Database.migrate_online` says.

    Returns:
        What had to be done; nothing when it was up to date.

    Raises:
        DataLoss: A draft would be taken back with rows in it.
        SetupError: The database cannot be reached, a revision failed, the database is at a revision that is not known
            here, or rows of the engine's tables have values that are not of their column's type. The database is
            unchanged.
    """
    migrate = db.migrate_online if online else db.migrate

    def apply(connection: Connection) -> list[Applied]:
        applied = apply_pending(connection, db.schema.design, histories, allow_data_loss=allow_data_loss)
        if applied and not online and db.has_steps(connection):
            raise SetupError("An online migration is not finished. Run: gatewright migrate apply --online")
        return applied

    return await migrate(apply)


def apply_pending(
    connection: Connection, design: Design, histories: Sequence[History], *, allow_data_loss: bool = False
) -> list[Applied]:
    """As `apply_all`, in the migration that *connection* is in; *design* is the one that the database is for."""
    refuse_virtual_columns(connection, design)
    applied = apply_on(connection, histories, allow_data_loss=allow_data_loss)
    if applied:
        hold_engine_columns(connection, design)
    return applied


async def roll_back(
    db: Database,
    history: AppHistory,
    histories: Sequence[History] = (),
    *,
    to: str | None = None,
    allow_data_loss: bool = False,
) -> Applied:
    """Take back the newest revision that the database has, or its draft; the kernel's tables stay as they are.

    When the table of users is dropped, the tables of features are dropped first, since they may refer to it.

    Args:
        histories: All that the database has.
        to: Take back all that follow this one (`base`: all).
        allow_data_loss: Whether rows may be lost.

    Raises:
        DataLoss: Rows would be lost.
        SetupError: There is nothing to take back, *to* is none of the revisions that the database has, or a revision
            failed. The database is unchanged.
    """
    of_features = [each for each in histories if each not in HISTORIES and not isinstance(each, AppHistory)]

    def roll_back(connection: Connection) -> Applied:
        rolled_back = _roll_back_on(connection, history, of_features, to, allow_data_loss)
        hold_engine_columns(connection, db.schema.design)
        return rolled_back

    return await db.migrate(roll_back)


def apply_on(connection: Connection, histories: Sequence[History], *, allow_data_loss: bool = False) -> list[Applied]:
    """As `apply_all`, in the migration that *connection* is in."""
    applied = []
    for standing in standings_on(connection, histories):
        if not standing.is_current:
            _bring(connection, standing, allow_data_loss=allow_data_loss)
            after = revision_of(connection, standing.history)
            applied.append(Applied(standing.history, standing.revision, after))
    return applied


def _bring(connection: Connection, standing: Standing, *, allow_data_loss: bool) -> None:
    from gatewright.migrations import running

    history = standing.history
    if not isinstance(history, AppHistory):
        running.upgrade_package(connection, history, standing.revision)
        return
    _refuse_other_tables(connection, standing)
    if standing.revision is not None and standing.revision not in history.revisions:
        standing = _leave_draft(connection, history, standing.revision, allow_data_loss=allow_data_loss)
    if standing.pending:
        branches.upgrade(connection, history, standing.revision)


def _leave_draft(connection: Connection, history: AppHistory, draft: str, *, allow_data_loss: bool) -> Standing:
    """Bring the database from *draft* to the revision it was sealed as, or else back to the revision below it."""
    sealed, parent = sealed_as(history, draft), _draft(history, draft).parent
    if sealed in history.revisions:
        # Where rows prevent the short way, the revision itself may set their values.
        with suppress(RowsViolateChange):
            _step_to(connection, history, draft, sealed, allow_data_loss=allow_data_loss)
            return standing_of(history, sealed)
    _step_to(connection, history, draft, parent, allow_data_loss=allow_data_loss, is_back=True)
    return standing_of(history, parent)


def _step_to(
    connection: Connection,
    history: AppHistory,
    now: str,
    target: str | None,
    *,
    allow_data_loss: bool,
    is_back: bool = False,
) -> None:
    """From a draft to a revision.

    Args:
        is_back: Whether the draft is taken back. What it dropped comes back empty: nothing else could take it back.
    """
    from gatewright.migrations import running

    at, design = design_at(history, now), design_at(history, target)
    empty = empty_values(compare(at, design)) if is_back else {}
    plan = make_plan(at, design, empty)
    losses = [*plan.losses, *(lost_values(at, design, empty))]
    check_rows(connection, losses, allow_data_loss=allow_data_loss, way_out=_LOSE_DRAFT)
    running.run_operations(connection, plan.operations, at)
    running.set_revision(connection, history, target)


def _roll_back_on(
    connection: Connection, history: AppHistory, of_features: Sequence[History], to: str | None, allow_data_loss: bool
) -> Applied:
    now = revision_of(connection, history)
    if now is None:
        raise SetupError("There is nothing to roll back: the database has none of the app's migrations.")
    revisions = history.revisions
    if now not in revisions:
        target = _draft(history, now).parent
        if target is None:
            _take_back(connection, of_features)
        _step_to(connection, history, now, target, allow_data_loss=allow_data_loss, is_back=True)
        return Applied(history, now, target)
    gone = _after(revisions.up_to(now), to)
    target = gone[-1].parent
    if not allow_data_loss:
        _refuse_loss(connection, history, now, target)
    if target is None:
        _take_back(connection, of_features)
    branches.downgrade(connection, history, now, gone)
    return Applied(history, now, target)


def _take_back(connection: Connection, histories: Sequence[History]) -> None:
    from gatewright.migrations import running

    for history in histories:
        running.downgrade_package(connection, history)


def _refuse_loss(connection: Connection, history: AppHistory, now: str, target: str | None) -> None:
    losses = make_plan(design_at(history, now), design_at(history, target)).losses
    # Also where rows prevent it: the script may have been edited to change them.
    if suffered := at_stake(connection, losses):
        raise DataLoss(suffered, _LOSE_REVISION)


def _draft(history: AppHistory, revision: str) -> Revision:
    drafts = history.drafts
    if revision not in drafts:
        raise SetupError(
            f"The database is at revision {revision}, which is not in {history.folder}, nor among the drafts "
            f"in {DRAFTS}. Get the newest migrations, or use the machine on which it was made. If it was a draft of "
            f"gatewright dev here, restore {DRAFTS}, or drop the development database and create it again."
        )
    return drafts[revision]


def _after(line: Sequence[Revision], to: str | None) -> Sequence[Revision]:
    """The revisions of *line* (newest first) that follow *to*; without *to*, the newest one."""
    if to is None:
        return line[:1]
    ids = [revision.id for revision in line]
    if to not in (*ids[1:], "base"):
        known = ", ".join([*ids[1:], "base"])
        raise SetupError(f"--to {to}: the database can go back to {known}.")
    return line if to == "base" else line[: ids.index(to)]


def _refuse_other_tables(connection: Connection, standing: Standing) -> None:
    """Refuse the first revision of an app if the built-in design's tables exist: both have the table of users."""
    if standing.revision is None and revision_of(connection, BUILT_IN) is not None:
        raise SetupError(
            "The database has the tables of the built-in design, from a time without db.design.json. "
            "Taking them over is not built yet: name another database in DATABASE_URL."
        )
