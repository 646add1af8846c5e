"""What a design asks of a database, and what this one does not do."""

from __future__ import annotations

from sqlalchemy import Connection

from gatewright.design.document import Design
from gatewright.errors import SetupError

_FIRST_VIRTUAL = 18


def refuse_virtual_columns(connection: Connection, design: Design) -> None:
    """Refuse columns that are computed when they are read, where the database only stores what it computes.

    Raises:
        SetupError: PostgreSQL before 18 cannot make a column of *design*; the message names each.
    """
    version = int((connection.dialect.server_version_info or (0,))[0])
    if connection.dialect.name != "postgresql" or version >= _FIRST_VIRTUAL:
        return
    found = [
        f"{table.name}.{column.name}"
        for table in design.tables
        for column in table.columns
        if column.computed is not None and not column.computed.is_stored
    ]
    if found:
        raise SetupError(
            f'PostgreSQL {version} stores what it computes. Write "isStored": true in computed of {", ".join(found)}.'
        )
