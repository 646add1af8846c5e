"""Applying revisions with Alembic, which is imported only when there is something to do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from gatewright.errors import SetupError
from gatewright.migrations.histories import History
from gatewright.migrations.status import standings_on
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Applied:
    """One history that was brought to its head."""

    history: History
    before: str | None


async def apply_all(db: Database) -> list[Applied]:
    """Bring the database up to date. Of many workers that start together one does it; the others wait and find it done.

    Returns:
        What had to be done; nothing when it was up to date.

    Raises:
        SetupError: The database cannot be reached, or it is at a revision that this version does not know.
    """
    return await db.migrate(_apply_on)


def _apply_on(connection: Connection) -> list[Applied]:
    applied = []
    for standing in standings_on(connection):
        if not standing.is_current:
            _upgrade(connection, standing.history, standing.revision)
            applied.append(Applied(standing.history, standing.revision))
    return applied


def _upgrade(connection: Connection, history: History, revision: str | None) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(history.folder))
    scripts = ScriptDirectory(str(history.folder))
    environment = EnvironmentContext(
        config, scripts, fn=lambda at, _: scripts._upgrade_revs("head", at), destination_rev="head"
    )
    try:
        with environment:
            environment.configure(connection=connection, version_table=history.version_table)
            environment.run_migrations()
    except CommandError as error:
        raise SetupError(
            f"The database is at revision {revision} of the {history.name}, which this version of Gatewright "
            f"does not know. Use the version that made it, or a newer one. ({error})"
        ) from error
