"""Where a database stands, compared with the revisions that this version of Gatewright brings."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from gatewright.errors import SetupError
from gatewright.migrations.histories import HISTORIES, History
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a database is in one history.

    Attributes:
        history: The line of revisions.
        revision: Where it is; None before the first.
    """

    history: History
    revision: str | None

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to apply."""
        return self.revision == self.history.head


def standings_on(connection: Connection) -> list[Standing]:
    """How far the database behind *connection* is in each history."""
    return [Standing(history, _revision(connection, history)) for history in HISTORIES]


async def check_current(db: Database) -> None:
    """Refuse to start on a database that is not up to date.

    Raises:
        SetupError: It is behind, or a newer version of Gatewright has been here; the message names the command.
    """
    standings = await db.read(lambda tx: standings_on(tx.connection))
    stale = [standing for standing in standings if not standing.is_current]
    if not stale:
        return
    where = ", ".join(f"{s.history.name}: at {s.revision or 'nothing'}, needs {s.history.head}" for s in stale)
    raise SetupError(f"The database is not up to date ({where}). Run: gatewright migrate apply")


def _revision(connection: Connection, history: History) -> str | None:
    if not inspect(connection).has_table(history.version_table):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {history.version_table}"))  # noqa: S608 (a constant)
    return found.scalar()
