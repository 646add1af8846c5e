"""Events of the audit log for changes of rows: who changed which row, and its values before and after.

An event is written in the transaction of the change, so neither is there without the other. Its personal fields belong
to one user, the owner of the row (the event's subject), since an erasure blanks all of them or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy import orm

from gatewright.clock import SystemClock
from gatewright.core.audit.events import Event
from gatewright.core.audit.log import Origin, add_event
from gatewright.crud.columns import ShownColumn, ShownColumns
from gatewright.crud.references import WriteTransaction
from gatewright.design.document import USER, Column, Table
from gatewright.design.naming import camel_case
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
from gatewright.storage.owner_paths import OwnerPath

EVENTS = {
    "row.created": "A row of a table with `audit` was created.",
    "row.updated": "A row of a table with `audit` was changed.",
    "row.deleted": "A row of a table with `audit` was deleted.",
    "row.restored": "A deleted row of a table with `audit` was restored.",
}
"""What tables with `audit` record; features declare theirs in `FEATURE`."""

MASK = "••••"
"""What stands for a value that clients do not see."""

MOST_BYTES = 2000
"""The most bytes that a value has as JSON; a larger one is recorded by its length and its SHA-256."""

RowEvent = Literal["row.created", "row.updated", "row.deleted", "row.restored"]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table.

    Attributes:
        attribute: The model's.
        name: As the design has it.
        shown: How clients see it; None when they do not.
    """

    attribute: str
    name: str
    shown: ShownColumn | None

    def text(self, row: object) -> bytes:
        """The row's value as JSON: two values are the same when their texts are."""
        value = getattr(row, self.attribute)
        if self.shown is None:
            return to_json(value, bytes_mode="base64", inf_nan_mode="constants", fallback=str)
        return to_json(self.shown.dump(value), inf_nan_mode="null")

    def is_abridged(self, text: bytes) -> bool:
        """Whether a digest stands for the value."""
        return self.shown is not None and len(text) > MOST_BYTES

    def recorded(self, text: bytes) -> Any:
        """What an event holds for the value with this text."""
        if self.shown is None:
            return MASK
        if self.is_abridged(text):
            return {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        return from_json(text)


_Texts = Mapping[_Column, bytes]


class RowEvents:
    """Records changes of the rows of one table.

    Args:
        model: The table.
        shown: The columns that clients see.
        owner: The attribute with the owner of a row; None where rows have no owners.
        owner_path: The way to the owner, where another row names it.
    """

    def __init__(
        self, model: type[orm.DeclarativeBase], shown: ShownColumns, owner: str | None, owner_path: OwnerPath | None
    ) -> None:
        table = model.__table__
        assert isinstance(table, sa.Table)
        self._table_name = table.fullname
        self._columns = {attribute.key: attribute.columns[0].name for attribute in sa.inspect(model).column_attrs}
        self._shown = {column.attribute.key: column for column in shown.values()}
        self._key = {column.attribute.key for column in shown.key}
        self._owner = owner
        self._owner_path = owner_path

    def record(
        self,
        tx: Transaction,
        event: RowEvent,
        *,
        before: object = None,
        after: object = None,
        at: datetime | None = None,
    ) -> None:
        """Write down a change of one row; nothing when all values are as before.

        Args:
            before: The row that the change found; None for a new one.
            after: The row that came of it; None for one that is deleted.
            at: The time of the change; now, when left out.
        """
        table = tx.schema.designed(self._table_name)
        columns = list(self._recorded(table))
        found, made = _texts(columns, before), _texts(columns, after)
        changed = [column for column in columns if found.get(column) != made.get(column)]
        if not changed:
            return
        details = {
            "table": self._table_name if table is None else table.name,
            "key": _values([column for column in columns if column.attribute in self._key], found or made),
            "before": _values(changed, found),
            "after": _values(changed, made),
            "abridged": ", ".join([*_abridged(changed, found, "before"), *_abridged(changed, made, "after")]),
        }
        subject = self._subject(tx, table, after if before is None else before)
        add_event(tx, _event(tx, event, subject, {name: value for name, value in details.items() if value}, at))

    def _recorded(self, table: Table | None) -> Iterator[_Column]:
        """The columns; what the design or the schema hides is masked."""
        designed = {} if table is None else {column.database_name: column for column in table.columns}
        for attribute, database_name in self._columns.items():
            column, shown = designed.get(database_name), self._shown.get(attribute)
            name = camel_case(attribute) if column is None else column.name
            yield _Column(attribute, name, None if column is not None and column.is_hidden else shown)

    def _subject(self, tx: Transaction, table: Table | None, row: object) -> str | None:
        """The user whose row it is: its owner; in a table without owners, the one user that it refers to."""
        if self._owner_path is not None:
            (attribute,) = (name for name, column in self._columns.items() if column == self._owner_path.column)
            return _text_or_none(tx.value(sa.select(self._owner_path.owner_of(getattr(row, attribute)))))
        if self._owner is not None:
            return _text_or_none(getattr(row, self._owner))
        to_users = [] if table is None else [column for column in table.columns if _names_a_user(column)]
        if len(to_users) != 1:
            return None
        (attribute,) = (name for name, column in self._columns.items() if column == to_users[0].database_name)
        return _text_or_none(getattr(row, attribute))


def _names_a_user(column: Column) -> bool:
    reference = column.references
    return reference is not None and (reference.table, reference.column) == (USER, "id")


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def _texts(columns: list[_Column], row: object) -> _Texts:
    return {} if row is None else {column: column.text(row) for column in columns}


def _values(columns: list[_Column], texts: _Texts) -> dict[str, Any]:
    return {column.name: column.recorded(texts[column]) for column in columns if texts}


def _abridged(columns: list[_Column], texts: _Texts, part: str) -> Iterator[str]:
    """The columns with a digest in the place of their value, so that no value of a column can be taken for one."""
    return (f"{part}.{column.name}" for column in columns if texts and column.is_abridged(texts[column]))


def _event(tx: Transaction, name: RowEvent, subject: str | None, details: dict[str, Any], at: datetime | None) -> Event:
    call = tx.call if isinstance(tx, WriteTransaction) else None
    user = None if call is None else call.user
    actor = None if user is None else user.id
    origin = Origin() if call is None else call.context.origin
    # The address of one user must not stay with the rows of another when its user is erased: the events of the session
    # have it.
    is_about_actor = actor in (None, subject)
    return Event(
        id=cuid(),
        occurred_at=at or (SystemClock() if call is None else call.context.clock).now(),
        event=name,
        outcome="success",
        actor_id=actor,
        subject_id=subject,
        session_id=None if user is None else user.session_id,
        request_id=origin.request_id,
        ip_address=origin.ip_address if is_about_actor else None,
        user_agent=origin.user_agent if is_about_actor else None,
        details=details,
    )
