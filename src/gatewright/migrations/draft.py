"""The draft of `gatewright dev`: one revision that is not final, remade as the design changes.

It is remade by the operations from the database's design to the new one. The tables are the same as after taking it
back and applying it again, and rows that both have are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from gatewright.design.difference import keep_ids
from gatewright.design.document import Design
from gatewright.migrations.apply import apply_on
from gatewright.migrations.engine_types import hold_engine_columns
from gatewright.migrations.fitness import refuse_virtual_columns
from gatewright.migrations.histories import KERNEL, AppHistory, History, app_history
from gatewright.migrations.losses import DataLoss, Loss, check_rows
from gatewright.migrations.plan import make_plan
from gatewright.migrations.revision_files import keep_draft, script_between
from gatewright.migrations.status import design_at, is_same, revision_of
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Drafted:
    """The result of bringing the database to the design.

    Attributes:
        before: The revision, or draft, that the database was at.
        after: Where it is now.
        waiting: Losses that need a yes first; nothing was done then.
    """

    before: str | None
    after: str | None
    waiting: tuple[Loss, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the database was changed."""
        return self.before != self.after


async def draft(
    db: Database,
    app: Path,
    design: Design,
    of_features: Sequence[History] = (),
    *,
    allow_data_loss: bool = False,
) -> Drafted:
    """Bring the database to *design*, by the app's revisions and a draft on top of them.

    A loss that is only possible, such as a dropped column without values, needs no yes: the existing rows are checked.

    Args:
        app: The app's folder.
        design: The app's design, completed.
        of_features: The histories of features, which may refer to the app's tables.
        allow_data_loss: The yes to what a former call returned as `waiting`.

    Raises:
        RowsViolateChange: The rows that are there do not allow it, with a yes or without. The database is as it was.
        SetupError: Something of the change is not built yet, it failed, or the database is at a revision that is not
            known here. It is as it was.
    """
    history = app_history(app)

    def work(connection: Connection) -> Drafted:
        drafted = _draft_on(connection, history, design, allow_data_loss)
        apply_on(connection, of_features)
        if drafted.is_changed:
            hold_engine_columns(connection, design)
        return drafted

    try:
        return await db.migrate(work)
    except DataLoss as loss:
        standing = await db.read(lambda tx: revision_of(tx.connection, history))
        return Drafted(standing, standing, tuple(loss.losses))


def _draft_on(connection: Connection, history: AppHistory, design: Design, allow_data_loss: bool) -> Drafted:
    from gatewright.migrations import running

    before = revision_of(connection, history)
    apply_on(connection, (KERNEL, history), allow_data_loss=allow_data_loss)
    now = revision_of(connection, history)
    at = design_at(history, now)
    head = history.revisions.design_at(history.head)
    # An upgrade that brings checks on types is no change of the design, and makes no draft.
    if is_same(design, head):
        design = head
    design = keep_ids(at, design)
    plan = make_plan(at, design)
    if not plan.operations:
        return Drafted(before, now)
    check_rows(connection, plan.losses, allow_data_loss=allow_data_loss)
    script = script_between(head, design, history.head, "Draft of gatewright dev")
    if script is not None:
        # Before the database names it, so that its draft is always found.
        keep_draft(history.app, script)
    refuse_virtual_columns(connection, design)
    running.run_operations(connection, plan.operations, at)
    after = history.head if script is None else script.id
    running.set_revision(connection, history, after)
    return Drafted(before, after)
