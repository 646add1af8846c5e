"""The calls on the rows of a table: who may make them, and what happens before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from gatewright.crud.access import EVERY_ROW, Access, Call, Scope, require_admin
from gatewright.crud.conditions import Condition
from gatewright.crud.conflicts import errors_as_problems
from gatewright.crud.errors import PreconditionFailed
from gatewright.crud.etags import Versions
from gatewright.crud.list_query import ListQuery
from gatewright.crud.many import of_item
from gatewright.crud.references import NamedRow, References, for_caller, named_rows
from gatewright.crud.repository import Key, Model, ReadRepository, Repository, Rows, Stored
from gatewright.crud.schemas import RequestBody
from gatewright.design.document import USER, CallName
from gatewright.design.naming import camel_case
from gatewright.errors import GatewrightError, NotFound, ValidationFailed
from gatewright.http.errors import InsufficientRole, NotAuthenticated
from gatewright.roles import ADMIN
from gatewright.storage.database import Transaction

Create = TypeVar("Create", bound=RequestBody)
Update = TypeVar("Update", bound=RequestBody)


class ReadService(Generic[Model]):
    """Lists and reads rows, for those who may.

    Attributes:
        repository: The statements.
        access: Who may make which call.

    Raises:
        ValueError: A rule depends on the owner of a row, and the repository has none.
    """

    repository: ReadRepository[Model]
    access: Access

    def __init__(self) -> None:
        if self.access.asks_for_owner and self.repository.owner is None:
            name = type(self.repository).__name__
            raise ValueError(f"{type(self).__name__} has the access rule owner, and {name} names no owner")

    async def list(self, call: Call, query: ListQuery) -> Rows[Model]:
        """The rows that *query* asks for, of those that the caller may list.

        Raises:
            NotAuthenticated: The caller is not signed in.
            InsufficientRole: The caller may not list rows.
            ValidationFailed: The cursor does not belong to this list.
        """
        scope = self.access.reading_scope("list", call)
        with self._errors_as_problems(call):
            return await call.context.db.read(lambda tx: self.repository.page(tx, query, scope))

    async def read(self, call: Call, key: Key) -> Stored[Model]:
        """The row with *key*.

        Raises:
            NotAuthenticated: The caller is not signed in.
            InsufficientRole: The caller may not read rows.
            NotFound: There is none, or it belongs to another user.
        """
        scope = self.access.reading_scope("read", call)
        with self._errors_as_problems(call):
            stored = await call.context.db.read(lambda tx: self.repository.get(tx, key, scope))
        if stored is None:
            raise NotFound
        return stored

    def reachable(self, call: Call, *calls: CallName) -> Sequence[Condition] | None:
        """The conditions for the rows that the caller may reach with each of *calls*; None when there are none."""
        if self.repository.table.name == call.context.db.schema[USER].name and call.user and call.user.role != ADMIN:
            # The rules of this table name ADMIN alone; but users read their own account, in their profile.
            return [self.repository.table.c.id == call.user.id]
        try:
            scopes = [self.access.scope(each, call.user) for each in calls]
        except (NotAuthenticated, InsufficientRole):
            return None
        return [condition for scope in dict.fromkeys(scopes) for condition in self.repository.within(scope)]

    def reads_every_row(self, call: Call) -> bool:
        """Whether the caller may read all rows that there are."""
        try:
            return self.access.scope("read", call.user) == EVERY_ROW
        except (NotAuthenticated, InsufficientRole):
            return False

    def finds_its_own_way(self, *calls: CallName) -> bool:
        """Whether an app overrides how rows are found for some of *calls*, `list` and `read`."""
        methods = {"list": "page", "read": "get"}
        return any(
            getattr(type(self), call) is not getattr(ReadService, call)
            or getattr(type(self.repository), methods[call]) is not getattr(ReadRepository, methods[call])
            for call in calls
        )

    def shows(self, call: Call, stored: Stored[Model]) -> bool:
        """Whether the caller may read a row."""
        try:
            scope = self.access.scope("read", call.user)
        except (NotAuthenticated, InsufficientRole):
            return False
        if scope.owner is None:
            return True
        is_own_column = self.repository.owner_path is None
        owner = getattr(stored.row, str(self.repository.owner)) if is_own_column else stored.owner
        return bool(owner == scope.owner)

    def _errors_as_problems(
        self, call: Call, references: References | None = None, *, deleting: bool = False
    ) -> AbstractContextManager[None]:
        return errors_as_problems(
            call.context.db, self.repository.table, self.repository.columns, references, deleting=deleting
        )


class Service(ReadService[Model], Generic[Model, Create, Update]):
    """Lists, reads, creates, changes and deletes rows, for those who may.

    The hooks `before_…` run before the transaction: they may change the values, and an error that they raise refuses
    the call. The hooks `after_…` run once it is committed. What has to be in one transaction with the change belongs
    in the repository.

    A reference that the body sets names a row that the caller may read, by the access rules of the design; what a hook
    sets is the app's own decision.
    """

    repository: Repository[Model]

    async def before_create(self, call: Call, values: dict[str, Any]) -> None:
        """Look at, and change, the values of a new row, by the names of the model's attributes."""

    async def after_create(self, call: Call, row: Model) -> None:
        """A row was created."""

    async def before_update(self, call: Call, key: Key, values: dict[str, Any]) -> None:
        """Look at, and change, the new values of a row, by the names of the model's attributes."""

    async def after_update(self, call: Call, row: Model) -> None:
        """A row was changed."""

    async def before_delete(self, call: Call, key: Key) -> None:
        """A row is to be deleted, if the caller may."""

    async def after_delete(self, call: Call, row: Model) -> None:
        """A row was deleted."""

    async def before_restore(self, call: Call, key: Key) -> None:
        """A deleted row is to be restored."""

    async def after_restore(self, call: Call, row: Model) -> None:
        """A deleted row was restored."""

    async def create(self, call: Call, body: Create) -> Stored[Model]:
        """Add a row; where rows have owners, the caller owns it.

        Raises:
            NotAuthenticated: The caller is not signed in.
            InsufficientRole: The caller may not create rows.
            ValidationFailed: A reference names a row that is missing, or that the caller may not read.
            Conflict: A value is taken.
        """
        self.access.scope("create", call.user)
        values, references = await self._prepare(call, body)
        now = call.context.clock.now()

        def work(tx: Transaction) -> Stored[Model]:
            return self.repository.insert(for_caller(tx, call, references), values, now=now)

        with self._errors_as_problems(call, references):
            stored = await call.context.db.write(work)
        await self.after_create(call, stored.row)
        return stored

    async def create_many(self, call: Call, bodies: Sequence[Create]) -> Sequence[Stored[Model]]:
        """Add rows, all or none, each as `create` does.

        Raises:
            GatewrightError: As in `create`; its text and its errors say which of *bodies* it is about.
            ValidationFailed: `create` is overridden here, and this method is not.
        """
        self._refuse_if_overridden("create")
        self.access.scope("create", call.user)
        prepared = []
        for number, body in enumerate(bodies):
            with of_item(number):
                prepared.append(await self._prepare(call, body))
        now = call.context.clock.now()

        def work(tx: Transaction) -> list[Stored[Model]]:
            stored = []
            for number, (values, references) in enumerate(prepared):
                with of_item(number), self._errors_as_problems(call, references):
                    stored.append(self.repository.insert(for_caller(tx, call, references), values, now=now))
            return stored

        made = await call.context.db.write(work)
        for each in made:
            await self.after_create(call, each.row)
        return made

    async def delete_many(self, call: Call, keys: Sequence[Key]) -> None:
        """Delete rows, all or none, each as `delete` does.

        Raises:
            GatewrightError: As in `delete`.
            ValidationFailed: `delete` is overridden here, and this method is not.
        """
        self._refuse_if_overridden("delete")
        scope = self.access.scope("delete", call.user)
        for key in keys:
            await self.before_delete(call, key)
        moment = self._moment(call)

        def work(tx: Transaction) -> list[Model]:
            ordered = self.repository.referring_first(tx, keys)
            caller = for_caller(tx, call)
            rows = [self.repository.delete(caller, key, scope=scope, versions=None, **moment) for key in ordered]
            if None in rows:
                raise NotFound
            return [row for row in rows if row is not None]

        with self._errors_as_problems(call, deleting=True):
            rows = await call.context.db.write(work)
        for row in rows:
            await self.after_delete(call, row)

    def _refuse_if_overridden(self, name: str) -> None:
        """Refuse many rows where an app has its own way for one: its rules would not hold for many."""
        mine, many = getattr(type(self), name), getattr(type(self), f"{name}_many")
        if mine is not getattr(Service, name) and many is getattr(Service, f"{name}_many"):
            raise ValidationFailed("This resource takes one row at a time.")

    async def update(self, call: Call, key: Key, body: Update, versions: Versions = None) -> Stored[Model]:
        """Change the row with *key*; what *body* leaves out stays as it is.

        Args:
            versions: Those that the row may have; any, when left out.

        Raises:
            NotAuthenticated: The caller is not signed in.
            InsufficientRole: The caller may not change rows.
            NotFound: There is none, or it belongs to another user.
            PreconditionFailed: It has none of *versions* any more.
            ValidationFailed: A reference names a row that is missing, or that the caller may not read.
            Conflict: A value is taken, or other rows refer to the one that changes.
        """
        scope = self.access.scope("update", call.user)
        values = body.model_dump(exclude_unset=True)
        await self.before_update(call, key, values)
        if not values:
            return await self._unchanged(call, key, scope, versions)
        now = call.context.clock.now()
        references = self._references(call, body, values)
        if scope.owner is not None:
            references = self._to_own_row(call, values, references)

        def work(tx: Transaction) -> Stored[Model]:
            caller_tx = for_caller(tx, call, references)
            changed = self.repository.update(caller_tx, key, values, scope=scope, versions=versions, now=now)
            if changed is None:
                raise self._reason(tx, key, scope, versions, references)
            return changed

        with self._errors_as_problems(call, references):
            stored = await call.context.db.write(work)
        await self.after_update(call, stored.row)
        return stored

    async def delete(self, call: Call, key: Key, versions: Versions = None) -> None:
        """Delete the row with *key*.

        Args:
            versions: Those that the row may have; any, when left out.

        Raises:
            NotAuthenticated: The caller is not signed in.
            InsufficientRole: The caller may not delete rows.
            NotFound: There is none, or it belongs to another user.
            PreconditionFailed: It has none of *versions* any more.
            Conflict: Other rows refer to it.
        """
        scope = self.access.scope("delete", call.user)
        await self.before_delete(call, key)
        moment = self._moment(call)

        def work(tx: Transaction) -> Model:
            deleted = self.repository.delete(for_caller(tx, call), key, scope=scope, versions=versions, **moment)
            if deleted is None:
                raise self._reason(tx, key, scope, versions)
            return deleted

        with self._errors_as_problems(call, deleting=True):
            row = await call.context.db.write(work)
        await self.after_delete(call, row)

    async def restore(self, call: Call, key: Key, versions: Versions = None) -> Stored[Model]:
        """Restore the deleted row with *key*, and the rows that were deleted with it. For administrators.

        Args:
            versions: Those that the row may have; any, when left out.

        Raises:
            NotAuthenticated: The caller is not signed in.
            InsufficientRole: The caller is no administrator.
            NotFound: No deleted row has this key.
            PreconditionFailed: It has none of *versions* any more.
            Conflict: A value is taken, or it refers to a row that is deleted.
        """
        require_admin(call.user)
        await self.before_restore(call, key)
        now = call.context.clock.now()

        def work(tx: Transaction) -> Stored[Model]:
            restored = self.repository.restore(for_caller(tx, call), key, versions=versions, now=now)
            if restored is None:
                raise self._reason(tx, key, Scope(deleted=True), versions)
            return restored

        with self._errors_as_problems(call):
            stored = await call.context.db.write(work)
        await self.after_restore(call, stored.row)
        return stored

    def _moment(self, call: Call) -> dict[str, Any]:
        """The time of deletion, where deleted rows are kept."""
        return {} if self.repository.deleted_at is None else {"now": call.context.clock.now()}

    async def _prepare(self, call: Call, body: Create) -> tuple[dict[str, Any], References]:
        """The values of a new row, and the rows that the caller names in it."""
        values = body.model_dump(exclude_unset=True)
        owner, path = self.repository.owner, self.repository.owner_path
        if owner is not None and path is None:
            values[owner] = None if call.user is None else call.user.id
        await self.before_create(call, values)
        references = self._references(call, body, values, is_new=True)
        must_own = path is not None and self.access.creates_own(call.user)
        return values, self._to_own_row(call, values, references) if must_own else references

    async def _unchanged(self, call: Call, key: Key, scope: Scope, versions: Versions) -> Stored[Model]:
        stored = await call.context.db.read(lambda tx: self.repository.get(tx, key, scope))
        if stored is None:
            raise NotFound
        if versions is not None and stored.version not in versions:
            raise PreconditionFailed
        return stored

    def _reason(
        self, tx: Transaction, key: Key, scope: Scope, versions: Versions, references: References | None = None
    ) -> GatewrightError:
        """Why a conditional statement found no row."""
        named = references is not None and references.rows
        stored = self.repository.get(tx, key, scope) if named or versions is not None else None
        if stored is None:
            return NotFound()
        if references is not None and named and (versions is None or stored.version in versions):
            return references.refusal(tx)
        return NotFound() if versions is None else PreconditionFailed()

    def _references(
        self, call: Call, body: RequestBody, values: Mapping[str, Any], *, is_new: bool = False
    ) -> References:
        """The rows that *body* names, in the words of the body; what it leaves out, hooks may have set."""
        attributes = sa.inspect(self.repository.model).column_attrs
        columns = {name: attributes[name].columns[0].name for name in values if name in attributes}
        named = {
            columns[name]: (field.alias or name, values[name])
            for name, field in type(body).model_fields.items()
            if name in body.model_fields_set and name in columns
        }
        row = {column: values[name] for name, column in columns.items()} if is_new else None
        return named_rows(call.context.db.schema, call.user, self.repository.table, named, row)

    def _to_own_row(self, call: Call, values: Mapping[str, Any], references: References) -> References:
        """*references*, and the condition that the row which names the owner is the caller's."""
        path = self.repository.owner_path
        attributes = sa.inspect(self.repository.model).column_attrs
        name = next(
            (n for n in values if path and n in attributes and attributes[n].columns[0].name == path.column), None
        )
        if path is None or name is None or call.user is None:
            return references
        is_own = path.leads_to(sa.literal(values[name], self.repository.table.c[path.column].type), call.user.id)
        return References((*references.rows, NamedRow(camel_case(name), path.column, is_own)))
