"""Apps in a folder, with a design and revisions of their own, for the tests of migrations."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, inspect, text

from gatewright.core.engine_tables import design_of
from gatewright.design.document import Design
from gatewright.design.files import FILE_NAME
from gatewright.migrations.apply import Applied, apply_all, roll_back
from gatewright.migrations.draft import Drafted, draft
from gatewright.migrations.drift import find_drift
from gatewright.migrations.histories import AppHistory, app_history, histories_of
from gatewright.migrations.make import make
from gatewright.storage.database import Database, Transaction
from gatewright.storage.dialects import open_database
from gatewright.storage.hot import HotStatement
from gatewright.storage.rows import RowType
from gatewright.storage.schema import schema_of

Result = TypeVar("Result")


_read: dict[str, Design] = {}
"""Designs by the text that they were read from."""


@dataclass
class App:
    """An app in a folder, and its database."""

    folder: Path
    url: str

    def __post_init__(self) -> None:
        """An empty database: in SQLite, a file without tables."""
        if self.url.startswith("sqlite:"):
            Path(self.url.removeprefix("sqlite:///")).touch()

    @property
    def design(self) -> Design:
        path = self.folder / FILE_NAME
        text = path.read_text("utf-8") if path.exists() else ""
        if text not in _read:
            _read[text] = design_of(self.folder)
        return _read[text]

    @property
    def history(self) -> AppHistory:
        return app_history(self.folder)

    def write(self, *tables: dict[str, Any]) -> None:
        """Change the design."""
        (self.folder / FILE_NAME).write_text(json.dumps({"tables": tables}), "utf-8")

    def make(self, message: str = "change", **options: Any) -> Path | None:
        return make(self.folder, self.design, message, **options)

    def made(self, message: str = "change", **options: Any) -> str:
        """The source of the revision that was made."""
        path = self.make(message, **options)
        assert path is not None
        return path.read_text("utf-8")

    async def apply(self, **options: Any) -> list[Applied]:
        return await self._with(lambda db: apply_all(db, histories_of(self.folder), **options))

    async def roll_back(self, **options: Any) -> Applied:
        return await self._with(lambda db: roll_back(db, self.history, **options))

    async def draft(self, **options: Any) -> Drafted:
        return await self._with(lambda db: draft(db, self.folder, self.design, **options))

    async def drift(self) -> list[str]:
        return await self._with(lambda db: find_drift(db, histories_of(self.folder)))

    async def run(self, statement: str, **values: Any) -> None:
        """Run a statement with values."""
        await self._with(lambda db: db.write(lambda tx: tx.run(text(statement), [values])))

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        return await self.read(lambda tx: [tuple(row) for row in tx.connection.execute(text(statement))])

    async def tables(self) -> set[str]:
        """The design's tables in the database."""
        names = await self.read(lambda tx: inspect(tx.connection).get_table_names())
        return {name for name in names if not name.startswith(("gatewright_", "alembic_"))}

    async def read(self, work: Callable[[Transaction], Result]) -> Result:
        return await self._with(lambda db: db.read(work))

    async def find_damage(self) -> list[str]:
        """What doctor finds in the rows."""
        return await self._with(lambda db: db.read(db.find_damage))

    async def fetch(self, statement: HotStatement[RowType], **values: Any) -> RowType | None:
        """The row of a hot statement."""
        return await self._with(lambda db: db.fetch(statement, **values))

    async def migrate(self, work: Callable[[Connection], Result]) -> Result:
        return await self._with(lambda db: db.migrate(work))

    async def _with(self, work: Callable[[Database], Awaitable[Result]]) -> Result:
        db = open_database(self.url, schema_of(self.design))
        await db.start()
        try:
            return await work(db)
        finally:
            await db.stop()


POST: dict[str, Any] = {
    "name": "Post",
    "columns": [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {"name": "title", "type": "String", "isRequired": True},
        {"name": "body", "type": "Text"},
        {"name": "authorId", "type": "String", "isRequired": True, "references": "User"},
    ],
}
"""The tutorial's table."""


def post(*columns: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """`Post` with more columns, or with other keys."""
    return {**POST, "columns": [*POST["columns"], *columns], **keys}


def without(name: str, table: dict[str, Any] = POST) -> dict[str, Any]:
    """*table* without a column."""
    return {**table, "columns": [column for column in table["columns"] if column["name"] != name]}
