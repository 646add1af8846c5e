"""All that is stored about a user, as one JSON document that is written while it is read.

A page of rows at a time, so that a user with a million rows costs no more memory than a user with ten.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Column, ColumnElement, literal, select, tuple_

from gatewright.core.context import Context
from gatewright.design.document import Table
from gatewright.features.privacy import rows
from gatewright.features.users.queries import UserRow
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row

_PAGE = 500
_EVENTS = "gatewright_audit_events"
_OF_AN_EVENT = {
    "occurred_at": "occurredAt",
    "event": "event",
    "outcome": "outcome",
    "session_id": "sessionId",
    "ip_address": "ipAddress",
    "user_agent": "userAgent",
    "details": "details",
}


async def write_document(context: Context, user: UserRow) -> AsyncIterator[bytes]:
    """The document of the user whose whole row this is.

    Raises:
        Unavailable: The database does not answer (any more).
    """
    yield b'{"exportedAt":' + to_json(context.clock.now()) + b',"tables":{'
    for number, table in enumerate(rows.tables_about_users(context.db.schema.design)):
        yield b"," * bool(number) + to_json(table.name) + b":["
        async for part in _write_rows(_of_table(context, table, user)):
            yield part
        yield b"]"
    yield b'},"events":['
    async for part in _write_rows(_of_events(context, user.id)):
        yield part
    yield b"]}"


class _Pages:
    """The rows that meet a condition, a page at a time, in the order of a key."""

    def __init__(
        self,
        context: Context,
        shown: dict[str, Column[Any]],
        key: Sequence[Column[Any]],
        condition: ColumnElement[bool],
    ) -> None:
        self._context = context
        self._names = list(shown)
        self._columns = [column.label(name) for name, column in shown.items()]
        self._key = list(key)
        self._condition = condition

    async def read(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The pages."""
        after: list[Any] | None = None
        while page := await self._context.db.read(partial(self._page, after=after)):
            after = [page[-1][f" {number}"] for number in range(len(self._key))]
            yield [{name: row[name] for name in self._names} for row in page]
            if len(page) < _PAGE:
                return

    def _page(self, tx: Transaction, after: list[Any] | None) -> list[Row]:
        # No column of a design has a space in its name.
        key = [column.label(f" {number}") for number, column in enumerate(self._key)]
        page = select(*self._columns, *key).where(self._condition).order_by(*self._key).limit(_PAGE)
        if after is not None:
            last = [literal(value, column.type) for value, column in zip(after, self._key, strict=True)]
            page = page.where(tuple_(*self._key) > tuple_(*last))
        return tx.all(page)


def _of_table(context: Context, table: Table, user: UserRow) -> _Pages:
    built = context.db.schema[table.name]
    shown = {column.name: built.c[column.database_name] for column in table.columns if not column.is_hidden}
    key = [built.c[column.database_name] for column in table.key_columns]
    return _Pages(context, shown, key, rows.belongs_to(context.db.schema, table, user))


def _of_events(context: Context, user_id: str) -> _Pages:
    events = context.db.schema[_EVENTS]
    shown = {name: events.c[column] for column, name in _OF_AN_EVENT.items()}
    return _Pages(context, shown, [events.c.occurred_at, events.c.id], events.c.subject_id == user_id)


async def _write_rows(pages: _Pages) -> AsyncIterator[bytes]:
    begun = False
    async for page in pages.read():
        written = b",".join(to_json(_in_json(row), inf_nan_mode="null") for row in page)
        yield b"," * begun + written
        begun = True


def _in_json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in row.items()}
