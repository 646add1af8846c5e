"""The callers of a resource's check, and the rows that they make."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from gatewright.core.principal import Principal
from gatewright.crud.access import EVERY_ROW, Access
from gatewright.crud.references import reading_scope
from gatewright.design.document import USER, CallName, Column, Reference, Table
from gatewright.generator import words
from gatewright.generator.samples import SampleRows, series, uniqueness
from gatewright.http.errors import InsufficientRole, NotAuthenticated
from gatewright.roles import ADMIN
from gatewright.roles import USER as USER_ROLE
from gatewright.storage.owner_paths import reference_called
from gatewright.testing.clients import AsUser, SignedInClient

# One for the whole run: rows of several checks may be in one database.
_numbers: Counter[tuple[str, str]] = Counter()

ANONYMOUS, OTHER, OWNER = "an anonymous client", "another user", "the owner"
SUCCESS: dict[CallName, int] = {"list": 200, "read": 200, "create": 201, "update": 200, "delete": 204}


class RowRefused(AssertionError):
    """The resource refused a row that the check needs."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller.

    Attributes:
        user: As access rules see the caller; None for an anonymous one.
    """

    name: str
    client: TestClient
    user: Principal | None

    @property
    def id(self) -> str | None:
        """The caller's id; None for an anonymous one."""
        return None if self.user is None else self.user.id


class Actors:
    """The callers by their names: `ANONYMOUS`, `OTHER` and `OWNER`, who are plain users, or the name of a role."""

    def __init__(self, as_user: AsUser) -> None:
        self._as_user = as_user
        self._known = {ANONYMOUS: Actor(ANONYMOUS, as_user.client, None)}

    def __getitem__(self, name: str) -> Actor:
        if name not in self._known:
            role = USER_ROLE if name in (OTHER, OWNER) else name
            self._known[name] = self._signed_in(name, role)
        return self._known[name]

    def another(self) -> Actor:
        """A user whom nothing else uses."""
        return self._signed_in("one more user", USER_ROLE)

    def _signed_in(self, name: str, role: str) -> Actor:
        client = self._as_user(role=role)
        auth = self._as_user.auth
        permissions = frozenset(auth.settings.roles[role].permissions)
        principal = Principal(client.user["id"], role, permissions, "", auth.clock.now(), ())
        return Actor(name, client, principal)


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row that was made.

    Attributes:
        body: What it was made from.
        answer: To the call that made it.
        url: Where it is.
        row: As ADMIN reads it.
    """

    body: dict[str, Any]
    answer: Response
    url: str
    row: dict[str, Any]


class Rows:
    """Makes rows through the app's resources. What a row refers to is made along with it."""

    def __init__(self, as_user: AsUser) -> None:
        self._design = as_user.auth.design
        self._prefix = as_user.auth.settings.api_prefix
        self.actors = Actors(as_user)
        self.samples = SampleRows(self._design)

    def url(self, table: Table) -> str:
        """Where the table's resource is."""
        return self._prefix + words.path(table)

    def read(self, table: Table, key: Any, actor: Actor) -> dict[str, Any] | None:
        """The row of *table* with *key* as *actor* reads it; None when they may not. Users read their own account."""
        is_own = table.name == USER and actor.id == key
        reader = self.actors[ADMIN] if is_own else actor
        answer = reader.client.get(f"{self.url(table)}/{key}")
        return answer.json() if answer.status_code == SUCCESS["read"] else None

    def body(self, table: Table, actor: Actor) -> dict[str, Any]:
        """What *actor* can make a row from, by names in JSON. It refers to rows that they may read, where it can."""
        return {words.wire_name(column): self._value(column, table, actor) for column in self.samples.columns(table)}

    def make(self, table: Table, actor: Actor) -> MadeRow:
        """A row that *actor* made, who need not be able to read it.

        Raises:
            RowRefused: The resource refused it, or ADMIN can't read it.
        """
        body = self.body(table, actor)
        answer = actor.client.post(self.url(table), json=body)
        if answer.status_code != SUCCESS["create"] or "Location" not in answer.headers:
            raise RowRefused(
                f"{table.name}: POST {self.url(table)} by {actor.name} has to make a row and name it in Location; it "
                f"answered {answer.status_code}: {answer.text}"
            )
        url = answer.headers["Location"]
        read = self.actors[ADMIN].client.get(url)
        if read.status_code != SUCCESS["read"]:
            raise RowRefused(f"{table.name}: GET {url} by ADMIN has to read the row; it answered {read.status_code}")
        return MadeRow(body, answer, url, read.json())

    def create_status(self, table: Table, actor: Actor) -> int:
        """What *actor* has to get for a row from `body`."""
        refused = refusal(table, "create", actor)
        if refused is None and not self._has_owner_row(table, actor):
            return 422
        columns = [column for column in self.samples.columns(table) if column.references is not None]
        if refused is None and not all(self._may_name_some(c.references, actor) for c in columns if c.references):
            return 422
        return refused or SUCCESS["create"]

    def makes(self, table: Table, name: str) -> bool:
        """Whether the caller of that name can make rows of *table*."""
        is_possible = self.samples.problem(table) is None
        return is_possible and self.create_status(table, self.actors[name]) == SUCCESS["create"]

    def foreign_value(self, reference: Reference, *, fresh: bool = True) -> Any:
        """The key of a row that an administrator made, or of another user's account."""
        target = self._design.table(reference.table)
        admin = self.actors[ADMIN]
        if target.name == USER:
            return _account(self.actors.another() if fresh else admin)[reference.column]
        return self.make(target, admin).row[words.wire_name(target.column(reference.column))]

    def may_name_all(self, reference: Reference, actor: Actor) -> bool:
        """Whether *actor* may refer to every row."""
        return reference.any_row or reading_scope(self._design.table(reference.table), actor.user) == EVERY_ROW

    def _value(self, column: Column, table: Table, actor: Actor) -> Any:
        reference = column.references
        if reference is not None and column == self._owner_reference(table) and self._makes_owner_row(reference, actor):
            target = self._design.table(reference.table)
            return self.make(target, actor).row[words.wire_name(target.column(reference.column))]
        if reference is None:
            make = series(column, table)
            assert make is not None, "SampleRows.columns gives columns that values are known for"
            _numbers[table.name, column.name] += 1
            return make(_numbers[table.name, column.name])
        if self.may_name_all(reference, actor) or not self._may_name_some(reference, actor):
            return self.foreign_value(reference, fresh=uniqueness(column, table)[1])
        target = self._design.table(reference.table)
        if target.name == USER:
            return _account(actor)[reference.column]
        return self.make(target, actor).row[words.wire_name(target.column(reference.column))]

    def _owner_reference(self, table: Table) -> Column | None:
        """The column that leads to the row whose owner a row of *table* has."""
        relation, dot, _ = (table.access.owner_column or "").rpartition(".")
        return reference_called(table, relation) if dot else None

    def _makes_owner_row(self, reference: Reference, actor: Actor) -> bool:
        target = self._design.table(reference.table)
        return self.samples.problem(target) is None and self.create_status(target, actor) == SUCCESS["create"]

    def _has_owner_row(self, table: Table, actor: Actor) -> bool:
        """Whether *actor* has the row of their own that a new row of *table* needs, or needs none."""
        column = self._owner_reference(table)
        if column is None or column.references is None or not Access.of(table.access, "create").creates_own(actor.user):
            return True
        return self._makes_owner_row(column.references, actor)

    def _may_name_some(self, reference: Reference, actor: Actor) -> bool:
        """Whether *actor* may refer to some row: to any, or to one of their own that they can make."""
        if self.may_name_all(reference, actor):
            return True
        target = self._design.table(reference.table)
        if reading_scope(target, actor.user) is None:
            return False
        return target.name == USER or (
            self.samples.problem(target) is None and self.create_status(target, actor) == SUCCESS["create"]
        )


def json_of(answer: Response) -> dict[str, Any]:
    """The object in an answer; an empty one when it holds none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def refusal(table: Table, call: CallName, actor: Actor, maker: Actor | None = None) -> int | None:
    """The status that the access rules of *table* refuse a call with; None when they allow it.

    Args:
        maker: Whose row it is, for a call on one row.
    """
    try:
        scope = Access.of(table.access, call).scope(call, actor.user)
    except (NotAuthenticated, InsufficientRole) as refused:
        return refused.status
    return 404 if maker is not None and scope.owner not in (None, maker.id) else None


def _account(actor: Actor) -> dict[str, Any]:
    assert isinstance(actor.client, SignedInClient), "an anonymous client has no account to refer to"
    return actor.client.user
