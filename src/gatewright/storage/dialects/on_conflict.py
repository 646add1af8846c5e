"""What the databases share that know `ON CONFLICT`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Table
from sqlalchemy.sql.dml import ReturningInsert

from gatewright.storage.database import Database

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


class OnConflictDatabase(Database):
    """Says `Database.upsert` and `Database.insert_unless_taken` with `ON CONFLICT`."""

    @abstractmethod
    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """The dialect's own INSERT."""

    def upsert(
        self,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        changes: Mapping[str, ColumnElement[Any]],
        condition: ColumnElement[bool],
        *,
        returning: Sequence[ColumnElement[Any]] = (),
    ) -> ReturningInsert[Any]:
        key = table.primary_key.columns
        inserted = self._insert(table).values(rows)
        changed = inserted.on_conflict_do_update(index_elements=key, set_=changes, where=condition)
        return changed.returning(*(returning or key))

    def insert_unless_taken(
        self, values: Mapping[str, Any], unique: Column[Any], returning: Sequence[ColumnElement[Any]]
    ) -> ReturningInsert[Any]:
        inserted = self._insert(unique.table).values(values)
        return inserted.on_conflict_do_nothing(index_elements=[unique]).returning(*returning)
