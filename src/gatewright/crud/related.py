"""The rows that rows lead to, as clients see them: which there are, and finding those of many rows at once.

A caller gets what the access rules of its own table let them read. Of a list, that is what they may list and read: a
row that is in no list of its own table is in none here either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import orm
from starlette.requests import Request
from starlette.responses import Response

from gatewright.crud.access import Call
from gatewright.crud.columns import ShownColumns
from gatewright.crud.conditions import Condition
from gatewright.crud.list_query import Filter, ListQuery
from gatewright.crud.references import live_rows, readable_rows
from gatewright.crud.service import ReadService
from gatewright.design.document import Access, CallName
from gatewright.design.naming import camel_case
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.http.schemas import ResponseBody
from gatewright.storage.database import Transaction

Only = Callable[[ListQuery, ShownColumns], ListQuery]
"""Narrows what a query lists."""

MOST_RELATIONS = 10
"""The most relations that one call includes."""
DEEPEST = 2
"""How many relations one behind the other a call includes."""
MOST_RELATED = 100
"""The most rows in one included list; the list at its own path has them all."""
MOST_INCLUDED = 10_000
"""The most rows that a call includes by one relation."""


@dataclass(frozen=True, slots=True)
class ToOne:
    """A relation to at most one row.

    Attributes:
        attribute: The model's.
        schema: What clients get of the row.
    """

    calls: ClassVar[Sequence[CallName]] = ("read",)

    attribute: str
    schema: type[ResponseBody]

    @property
    def name(self) -> str:
        """As clients write it."""
        return camel_case(self.attribute)


@dataclass(frozen=True, slots=True)
class ToMany(ToOne):
    """A relation to any number of rows."""

    calls: ClassVar[Sequence[CallName]] = ("list", "read")

    @property
    def path(self) -> str:
        """The last step of the path of the rows."""
        return self.attribute.replace("_", "-")


class Served(Protocol):
    """A resource, as relations to its rows need it."""

    relations: Sequence[ToOne]

    @property
    def service(self) -> ReadService[Any]:
        """What does the work."""

    async def answer_list(self, request: Request, call: Call, only: Only | None = None) -> Response:
        """The page of rows that *request* asks for, within *only*."""


_SERVED: WeakKeyDictionary[type[orm.DeclarativeBase], Served] = WeakKeyDictionary()


def serve(resource: Served) -> None:
    """Let relations lead to the rows of *resource*. Of two resources for one table, the first counts."""
    _SERVED.setdefault(resource.service.repository.model, resource)


@dataclass(frozen=True)
class Link:
    """A relation between two resources.

    Attributes:
        relation: As the first resource declares it.
        target: The resource that has the rows.
    """

    relation: ToOne
    target: Served
    _property: orm.RelationshipProperty[Any] = field(repr=False)

    @property
    def here(self) -> str:
        """The attribute of the first row with the value that others are found by."""
        return _attribute(self._property.parent, self._property.local_remote_pairs[0][0])

    @property
    def there(self) -> Any:
        """The column with the same value: of the target, or of the join table."""
        if self._property.secondary is not None:
            return self._property.local_remote_pairs[0][1]
        name = _attribute(self._property.mapper, self._property.local_remote_pairs[0][1])
        return getattr(self._property.mapper.class_, name)

    @property
    def through(self) -> sa.Table | None:
        """The join table, where there is one."""
        table = self._property.secondary
        assert table is None or isinstance(table, sa.Table)
        return table

    @property
    def is_list(self) -> bool:
        """Whether it leads to many rows."""
        return isinstance(self.relation, ToMany)

    def joined(self) -> Condition:
        """Which rows of the join table belong to a row of the target."""
        key, column = self._property.local_remote_pairs[1]
        attribute: Any = getattr(self._property.mapper.class_, _attribute(self._property.mapper, key))
        return sa.and_(attribute == column)

    def conditions(self, call: Call) -> list[Condition] | None:
        """Those for the rows that the caller gets; None when there are none."""
        found = self.target.service.reachable(call, *self.relation.calls)
        through = [] if self.through is None else _open_links(call, self.through)
        return None if found is None or through is None else [*found, *through]


@dataclass(frozen=True)
class Include:
    """A relation to include, and those to include behind it."""

    link: Link
    behind: tuple[Include, ...] = ()


def link_of(resource: Served, name: str, *, path: bool = False) -> Link | None:
    """The relation of *resource* that clients call so, or whose rows have that *path*.

    None when there is none, its rows have no resource, or their service finds rows in a way of its own, whose rules a
    statement on many rows would not know.
    """
    for relation in resource.relations:
        if name == (getattr(relation, "path", None) if path else relation.name):
            model = resource.service.repository.model
            found = sa.inspect(model).relationships[relation.attribute]
            target = _SERVED.get(found.mapper.class_)
            if target is None or target.service.finds_its_own_way(*relation.calls):
                return None
            return Link(relation, target, found)
    return None


def read_include(text: str | None, resource: Served) -> tuple[Include, ...]:
    """The relations that `include=author,comments.writer` names.

    Raises:
        ValidationFailed: One of them does not exist, or there are too many, or too many one behind the other.
    """
    paths = [path.split(".") for path in dict.fromkeys((text or "").split(",")) if path]
    if len(paths) > MOST_RELATIONS:
        raise _refusal("too_long", f"Must be at most {MOST_RELATIONS} relations.")
    if any(len(path) > DEEPEST for path in paths):
        raise _refusal("too_long", f"Must be at most {DEEPEST} relations one behind the other.")
    return _tree(paths, resource)


def _tree(paths: Iterable[Sequence[str]], resource: Served) -> tuple[Include, ...]:
    behind: dict[str, list[Sequence[str]]] = {}
    for first, *rest in paths:
        behind.setdefault(first, []).extend([rest] if rest else [])
    return tuple(_include(name, further, resource) for name, further in behind.items())


def _include(name: str, behind: Iterable[Sequence[str]], resource: Served) -> Include:
    link = link_of(resource, name)
    if link is None:
        known = [relation.name for relation in resource.relations if link_of(resource, relation.name) is not None]
        raise _refusal("invalid_choice", f"Must be among {', '.join(known)}." if known else "There are no relations.")
    return Include(link, _tree(behind, link.target))


def add_related(
    tx: Transaction, call: Call, rows: Sequence[Any], bodies: Sequence[dict[str, Any]], includes: Sequence[Include]
) -> None:
    """Add what *rows* lead to to their *bodies*: one statement for each relation, however many rows there are.

    Raises:
        ValidationFailed: It would be more than `MOST_INCLUDED` rows.
    """
    for include in includes:
        link = include.link
        values = {value for row in rows if (value := getattr(row, link.here)) is not None}
        found = _found(tx, call, link, values) if values else []
        shown = [_body(row, link.relation.schema) for row, _ in found]
        add_related(tx, call, [row for row, _ in found], shown, include.behind)
        by_value: dict[Any, list[dict[str, Any]]] = {}
        for (_, value), body in zip(found, shown, strict=True):
            by_value.setdefault(value, []).append(body)
        for row, body in zip(rows, bodies, strict=True):
            related = by_value.get(getattr(row, link.here), [])
            body[link.relation.name] = related if link.is_list else next(iter(related), None)


def only_related(call: Call, link: Link, value: Any) -> Only:
    """Narrows a list to the rows that *link* leads to from a row with *value*."""

    def narrowed(query: ListQuery, columns: ShownColumns) -> ListQuery:
        if link.through is None:
            column = next(each for each in columns.values() if each.attribute.key == link.there.key)
            return replace(query, filters=(*query.filters, Filter(column, "eq", value)))
        conditions = _open_links(call, link.through)
        joining = sa.exists().where(link.joined(), link.there == value, *(conditions or ()))
        return replace(query, conditions=(sa.false() if conditions is None else joining,))

    return narrowed


def _found(tx: Transaction, call: Call, link: Link, values: set[Any]) -> list[tuple[Any, Any]]:
    """The rows of the target for *values*, each with its value."""
    conditions = link.conditions(call)
    if conditions is None:
        return []
    model = link.target.service.repository.model
    conditions = [link.there.in_(values), *conditions]
    if link.is_list:
        statement = _first_of_each(model, link, conditions)
    else:
        statement = sa.select(model, link.there).where(*conditions)
    with orm.Session(tx.connection) as session:
        found = [(row, value) for row, value in session.execute(statement.limit(MOST_INCLUDED + 1))]
    if len(found) > MOST_INCLUDED:
        message = f"Would add more than {MOST_INCLUDED} rows by one relation. Ask for fewer rows with limit=."
        raise _refusal("too_long", message)
    return found


def _first_of_each(model: type[orm.DeclarativeBase], link: Link, conditions: Sequence[Condition]) -> sa.Select[Any]:
    """The first rows of each list, in the order of their keys."""
    keys = list(sa.inspect(model).primary_key)
    place = sa.func.row_number().over(partition_by=link.there, order_by=keys)
    named = [key.label(f"key_{number}") for number, key in enumerate(keys)]
    numbered = sa.select(*named, link.there.label("value"), place.label("place")).select_from(model)
    if link.through is not None:
        numbered = numbered.join(link.through, link.joined())
    rows = numbered.where(*conditions).subquery()
    is_row = [key == rows.c[f"key_{number}"] for number, key in enumerate(keys)]
    found = sa.select(model, rows.c.value).join(rows, sa.and_(*is_row)).where(rows.c.place <= MOST_RELATED)
    return found.order_by(rows.c.value, rows.c.place)


def _open_links(call: Call, through: sa.Table) -> list[Condition] | None:
    """The conditions for the rows of a join table that the caller may follow: all, where it has no access rules."""
    schema = call.context.db.schema
    table = schema.designed(through.fullname)
    if table is None:
        return []
    if table.access == Access():
        return live_rows(table, through.c.__getitem__)
    return readable_rows(schema, table, call.user, through.c.__getitem__)


def _body(row: Any, schema: type[ResponseBody]) -> dict[str, Any]:
    return as_json(schema.model_validate(row))


def as_json(body: ResponseBody) -> dict[str, Any]:
    """*body* as values of JSON, with the names that clients get."""
    # Rows are shown as they are stored, also where that is not what the schema names.
    made: dict[str, Any] = body.__pydantic_serializer__.to_python(body, mode="json", by_alias=True, warnings=False)
    return made


def _attribute(mapper: orm.Mapper[Any], column: Any) -> str:
    return mapper.get_property_by_column(column).key


def _refusal(code: str, message: str) -> ValidationFailed:
    return ValidationFailed(errors=[FieldProblem("/include", code, message)])
