"""Statements on one table: each reads or changes rows within a scope, and the scope is part of the statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm

from gatewright.crud import soft_deletion
from gatewright.crud.access import Scope
from gatewright.crud.columns import BadValue, ShownColumns
from gatewright.crud.conditions import Condition, conditions_of
from gatewright.crud.defaults import MOMENT
from gatewright.crud.etags import Versions
from gatewright.crud.keyset import Position, behind, complete_sort, order_of, read_cursor, reversed_sort, write_cursor
from gatewright.crud.list_query import ListQuery
from gatewright.crud.references import References, WriteTransaction
from gatewright.crud.row_events import RowEvents
from gatewright.design.document import Table
from gatewright.errors import NotFound
from gatewright.http.schemas import ResponseBody
from gatewright.storage.database import Transaction
from gatewright.storage.owner_paths import OwnerPath
from gatewright.storage.types import row_digest

Model = TypeVar("Model", bound=orm.DeclarativeBase)
Key = Any
"""The value of a row's key; a tuple of values when the key has several columns."""


@dataclass(frozen=True, slots=True)
class Stored(Generic[Model]):
    """A row as the database has it now.

    Attributes:
        row: The row, attached to no session.
        version: A digest of what clients see of it.
        owner: Whose it is, where another row says so.
    """

    row: Model
    version: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Rows(Generic[Model]):
    """Rows of a list.

    Attributes:
        total: How many there are on all pages; None when the list was asked for by cursor.
        next_cursor: Where the next page begins; None at the end, and without a cursor.
        prev_cursor: Where the page before ends; None at the beginning, and without a cursor.
    """

    rows: list[Model]
    total: int | None = None
    next_cursor: str | None = None
    prev_cursor: str | None = None


class ReadRepository(Generic[Model]):
    """Reads rows of one table.

    Attributes:
        model: The table.
        shown: What clients see of a row. They sort, filter and search by these columns and by no other.
        owner: The attribute with the owner of a row; None when rows have no owners. `post.author_id` is the attribute
            of the row that the relation `post` leads to.
        deleted_at: The attribute with the time of deletion; None when deleted rows are not kept.
    """

    model: type[Model]
    shown: type[ResponseBody]
    owner: str | None = None
    deleted_at: str | None = None

    @cached_property
    def columns(self) -> ShownColumns:
        """The columns that clients see."""
        return ShownColumns(self.model, self.shown)

    @cached_property
    def table(self) -> sa.Table:
        """The table."""
        table = self.model.__table__
        assert isinstance(table, sa.Table)
        return table

    def key(self, texts: Sequence[str]) -> Key:
        """The key in a path.

        Raises:
            NotFound: No row can have such a key.
        """
        try:
            return tuple(column.parse(text) for column, text in zip(self.columns.key, texts, strict=True))
        except BadValue:
            raise NotFound from None

    def get(self, tx: Transaction, key: Key, scope: Scope) -> Stored[Model] | None:
        """The row with *key*; None when there is none in *scope*. One statement."""
        statement = sa.select(self.model, self._digest).where(*self._is(key), *self.within(scope))
        return self._stored(tx, statement)

    def page(self, tx: Transaction, query: ListQuery, scope: Scope) -> Rows[Model]:
        """The rows that *query* asks for, of those in *scope*. Two statements; by cursor one.

        Raises:
            ValidationFailed: The cursor is damaged, or belongs to another list.
        """
        conditions = [*self.within(scope), *conditions_of(query, self.columns)]
        if query.cursor is not None:
            return self._page_by_cursor(tx, query, conditions, query.cursor)
        sort = complete_sort(query.sort, self.columns)
        statement = sa.select(self.model).where(*conditions).order_by(*order_of(sort))
        with orm.Session(tx.connection) as session:
            total = session.scalar(sa.select(sa.func.count()).select_from(self.model).where(*conditions))
            rows = session.scalars(statement.limit(query.limit).offset((query.page - 1) * query.limit))
            return Rows(list(rows), total=total)

    def _page_by_cursor(
        self, tx: Transaction, query: ListQuery, conditions: list[Condition], cursor: str
    ) -> Rows[Model]:
        sort = complete_sort(query.sort, self.columns)
        start = read_cursor(cursor, sort) if cursor else None
        backwards = start is not None and start.backwards
        direction = reversed_sort(sort) if backwards else sort
        if start is not None:
            conditions = [*conditions, behind(direction, start.values)]
        # One row more than asked for shows whether there are more.
        statement = sa.select(self.model).where(*conditions).order_by(*order_of(direction)).limit(query.limit + 1)
        with orm.Session(tx.connection) as session:
            found = list(session.scalars(statement))
        rows = found[: query.limit]
        more = len(found) > query.limit
        if backwards:
            rows.reverse()

        def cursor_at(row: Model, *, backwards: bool) -> str:
            values = tuple(getattr(row, each.column.attribute.key) for each in sort)
            return write_cursor(sort, Position(values, backwards))

        has_next, has_prev = (True, more) if backwards else (more, start is not None)
        return Rows(
            rows,
            next_cursor=cursor_at(rows[-1], backwards=False) if rows and has_next else None,
            prev_cursor=cursor_at(rows[0], backwards=True) if rows and has_prev else None,
        )

    @cached_property
    def owner_path(self) -> OwnerPath | None:
        """The way from a row to its owner, where another row names the owner."""
        relation, dot, attribute = (self.owner or "").rpartition(".")
        if not dot:
            return None
        found = sa.inspect(self.model).relationships[relation]
        ((column, key),) = found.local_remote_pairs or ()
        holder = found.mapper.local_table
        assert isinstance(holder, sa.Table)
        return OwnerPath(column.name, holder, key.name, found.mapper.column_attrs[attribute].columns[0].name)

    @cached_property
    def _digest(self) -> row_digest:
        return row_digest(*(column.attribute for column in self.columns.values()))

    def _is(self, key: Key) -> list[Condition]:
        pairs = zip(self.columns.key, _values(key), strict=True)
        return [column.attribute == value for column, value in pairs]

    def within(self, scope: Scope) -> list[Condition]:
        """The conditions for the rows in *scope*."""
        return [*self._kept(scope), *self._owned(scope)]

    def _kept(self, scope: Scope) -> list[Condition]:
        if self.deleted_at is None:
            return []
        moment = getattr(self.model, self.deleted_at)
        return [moment.is_not(None) if scope.deleted else moment.is_(None)]

    def _owned(self, scope: Scope) -> list[Condition]:
        if scope.owner is None:
            return []
        assert self.owner is not None, "a service without owners has no rule that asks for one"
        path = self.owner_path
        if path is not None:
            return [path.leads_to(self.table.c[path.column], scope.owner)]
        return [getattr(self.model, self.owner) == scope.owner]

    def _stored(self, tx: Transaction, statement: Any, now: datetime | None = None) -> Stored[Model] | None:
        options: dict[str, Any] = {"synchronize_session": False, MOMENT: now}
        with orm.Session(tx.connection) as session:
            found = session.execute(statement, execution_options=options).first()
            if found is None:
                return None
            row, version = found
            return Stored(row, version, self._owner_of(session, row))

    def _owner_of(self, session: orm.Session, row: Model) -> str | None:
        """The owner of *row* where another row names it: one more statement."""
        path = self.owner_path
        if path is None:
            return None
        value = sa.inspect(self.model).get_property_by_column(self.table.c[path.column]).class_attribute
        return session.scalar(sa.select(path.owner_of(getattr(row, value.key))))


class Repository(ReadRepository[Model]):
    """Reads and writes rows of one table.

    Attributes:
        audit: Whether the audit log records each change, in the same transaction: one more statement, and for an
            update two. `crud.for_caller(tx, call)` is a transaction that knows who makes the change.
    """

    audit: bool = False

    def insert(self, tx: Transaction, values: Mapping[str, Any], *, now: datetime) -> Stored[Model]:
        """Add a row. One statement.

        Args:
            values: By the names of the model's attributes; what is left out gets its default.
            now: The time of the change.

        Raises:
            ValidationFailed: A reference names a row that is missing, or that the caller may not read.
        """
        references = _references_of(tx)
        statement = self._insert(self._by_attribute(values), references).returning(self.model, self._digest)
        stored = self._stored(tx, statement, now)
        if stored is None:
            raise references.refusal(tx)
        if self.audit:
            self._events.record(tx, "row.created", after=stored.row, at=now)
        return stored

    def update(
        self, tx: Transaction, key: Key, values: Mapping[str, Any], *, scope: Scope, versions: Versions, now: datetime
    ) -> Stored[Model] | None:
        """Change the row with *key* if it is in *scope* and has one of *versions*; None otherwise. One statement.

        The conditions are part of the update, so of two changes to one version a single one happens. The rows that a
        caller names in references are conditions too.

        Args:
            values: By the names of the model's attributes; not empty.
            now: The time of the change.
        """
        conditions = [*self._is(key), *self.within(scope), *self._still(versions), *_references_of(tx).conditions]
        changed = sa.update(self.model).where(*conditions).values(self._by_attribute(values))
        statement = changed.returning(self.model, self._digest)
        if self.audit:
            return self._recorded(tx, statement, [*self._is(key), *self.within(scope)], now)
        return self._stored(tx, statement, now)

    def delete(
        self, tx: Transaction, key: Key, *, scope: Scope, versions: Versions, now: datetime | None = None
    ) -> Model | None:
        """Delete the row with *key* if it is in *scope* and has one of *versions*, and give it back. One statement.

        Where deleted rows are kept, it is marked instead, with the rows that cascade from it. Several statements.

        Args:
            now: The time of deletion; needed where deleted rows are kept.

        Raises:
            Conflict: Deleted rows are kept, and other rows refer to the row.
        """
        conditions = [*self._is(key), *self.within(scope), *self._still(versions)]
        if self.deleted_at is not None:
            assert now is not None, "a row that is marked as deleted needs the time"
            return self._mark(tx, conditions, now)
        with orm.Session(tx.connection) as session:
            statement = sa.delete(self.model).where(*conditions).returning(self.model)
            row = session.scalar(statement, execution_options={"synchronize_session": False})
        if self.audit and row is not None:
            self._events.record(tx, "row.deleted", before=row)
        return row

    def restore(self, tx: Transaction, key: Key, *, versions: Versions, now: datetime) -> Stored[Model] | None:
        """Restore the row with *key* if it is deleted and has one of *versions*; None otherwise. Several statements.

        The rows that were deleted with it are restored too.

        Args:
            now: The time of the change.

        Raises:
            Conflict: It refers to a row that is deleted.
        """
        row = self._locked(tx, [*self._is(key), *self.within(Scope(deleted=True)), *self._still(versions)])
        if row is None:
            return None
        soft_deletion.restore(tx, self._designed(tx), self._row_values(row))
        stored = self._with_deletion(tx, row, None, now)
        if self.audit:
            self._events.record(tx, "row.restored", before=row, after=stored.row, at=now)
        return stored

    def _mark(self, tx: Transaction, conditions: list[Condition], now: datetime) -> Model | None:
        row = self._locked(tx, conditions)
        if row is None:
            return None
        moment = soft_deletion.moment_at(now)
        soft_deletion.mark_deleted(tx, self._designed(tx), self._row_values(row), moment)
        stored = self._with_deletion(tx, row, moment, now)
        if self.audit:
            self._events.record(tx, "row.deleted", before=row, at=now)
        return stored.row

    def _locked(self, tx: Transaction, conditions: list[Condition]) -> Model | None:
        with orm.Session(tx.connection) as session:
            return session.scalar(sa.select(self.model).where(*conditions).with_for_update(of=self.model))

    def _with_deletion(self, tx: Transaction, row: Model, deleted_at: datetime | None, now: datetime) -> Stored[Model]:
        """Set the time of deletion as an update does: columns with the time of the last change follow."""
        key = tuple(getattr(row, column.attribute.key) for column in self.columns.key)
        changed = (
            sa.update(self.model).where(*self._is(key)).values(self._by_attribute({str(self.deleted_at): deleted_at}))
        )
        stored = self._stored(tx, changed.returning(self.model, self._digest), now)
        assert stored is not None, "the row is locked"
        return stored

    def _row_values(self, row: Model) -> dict[str, Any]:
        """The values of *row* by the columns' names in the database."""
        attributes = sa.inspect(self.model).column_attrs
        return {attribute.columns[0].name: getattr(row, attribute.key) for attribute in attributes}

    def _designed(self, tx: Transaction) -> Table:
        table = tx.schema.designed(self.table.fullname)
        assert table is not None, "rows are marked where the design says so"
        return table

    def _recorded(
        self, tx: Transaction, update: Any, conditions: list[Condition], now: datetime
    ) -> Stored[Model] | None:
        """What *update* makes of the row that meets *conditions*, recorded with what it was."""
        # The lock keeps the row as it is until the update. It is the update's own, so that new rows may refer to the
        # row meanwhile, as they may without it.
        locked = sa.select(self.model).where(*conditions).with_for_update(key_share=True, of=self.model)
        with orm.Session(tx.connection) as session:
            before = session.scalar(locked)
        # A row that another transaction has made meanwhile would change without what it was.
        stored = None if before is None else self._stored(tx, update, now)
        if stored is not None:
            self._events.record(tx, "row.updated", before=before, after=stored.row, at=now)
        return stored

    @cached_property
    def _events(self) -> RowEvents:
        return RowEvents(self.model, self.columns, self.owner, self.owner_path)

    def referring_first(self, tx: Transaction, keys: Sequence[Key]) -> Sequence[Key]:
        """*keys* in an order in which rows can be deleted one by one: a row before those that it refers to.

        One statement where rows of the table refer to others of it, none elsewhere.
        """
        columns = [key.parent for key in self.table.foreign_keys if key.column is self.columns.key[0].column]
        if not columns or len(self.columns.key) > 1:
            return keys
        key = self.columns.key[0].column
        by_value = {_values(each)[0]: each for each in keys}
        rows = tx.connection.execute(sa.select(key, *columns).where(key.in_(by_value)))
        left = {row[0]: set(row[1:]) - {row[0]} for row in rows}
        ordered: list[Any] = []
        while left:
            named = set().union(*left.values())
            # In a circle no order is right, and the database decides.
            free = [each for each in left if each not in named] or list(left)
            ordered += free
            left = {each: names for each, names in left.items() if each not in free}
        return [by_value[each] for each in dict.fromkeys((*ordered, *by_value))]

    def _insert(self, values: dict[Any, Any], references: References) -> Any:
        statement = sa.insert(self.model)
        if not references.conditions:
            return statement.values(values)
        # The conditions are part of the insert: INSERT ... SELECT ... WHERE EXISTS.
        row: list[Any] = [
            value if isinstance(value, sa.ClauseElement) else sa.literal(value, attribute.type)
            for attribute, value in values.items()
        ]
        return statement.from_select(list(values), sa.select(*row).where(*references.conditions))

    def _still(self, versions: Versions) -> list[Condition]:
        return [] if versions is None else [self._digest.in_(versions)]

    def _by_attribute(self, values: Mapping[str, Any]) -> dict[Any, Any]:
        return {getattr(self.model, name): value for name, value in values.items()}


def _values(key: Key) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _references_of(tx: Transaction) -> References:
    """What a caller names in references; nothing where the app's own code writes."""
    return tx.references if isinstance(tx, WriteTransaction) else References()
