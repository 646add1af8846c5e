"""The routes of a table: a generated resource declares its path and schemas, and everything else follows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Generic
from urllib.parse import quote

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from gatewright.crud import parameters
from gatewright.crud.access import Call
from gatewright.crud.calls import DELETED, permitted, takes_deleted
from gatewright.crud.descriptions import Answer, built, described, with_signature
from gatewright.crud.errors import PreconditionFailed
from gatewright.crud.etags import etag, read_if_match
from gatewright.crud.list_query import ListQuery, read_list_query
from gatewright.crud.many import MOST_ROWS, one_or_many, read_ids
from gatewright.crud.related import (
    Include,
    Link,
    Only,
    ToMany,
    ToOne,
    add_related,
    as_json,
    link_of,
    only_related,
    read_include,
    serve,
)
from gatewright.crud.related_schemas import links_of, with_related
from gatewright.crud.repository import Key, Model, Rows, Stored
from gatewright.crud.schemas import CursorPage, NumberedPage, Page
from gatewright.crud.service import Create, ReadService, Service, Update
from gatewright.design.document import CallName
from gatewright.design.naming import snake_case
from gatewright.errors import Conflict, GatewrightError, NotFound, ValidationFailed
from gatewright.http.api_routes import body_as, read_json
from gatewright.http.dependencies import authenticate_scope
from gatewright.http.errors import InsufficientRole, NotAuthenticated
from gatewright.http.routing import Router
from gatewright.http.schemas import ResponseBody, json_bytes

INCLUDE = "include"

_Endpoint = Callable[[Request, Call, Any], Awaitable[Response]]
"""Answers a call; the last argument is what its body says as JSON."""

_WITH_BODY: tuple[CallName, ...] = ("create", "update")
_CREATES_MANY = f"A list creates up to {MOST_ROWS} rows, all or none. The answer lists them in the same order."


class ReadResource(Generic[Model]):
    """Two routes: list and read. Other methods are answered with 405.

    Attributes:
        path: Where the list is; a row's key follows behind a slash.
        relations: The rows that a row leads to, as far as clients see them.

    Args:
        service: What does the work.
    """

    path: str
    relations: Sequence[ToOne] = ()

    def __init__(self, service: ReadService[Model]) -> None:
        self.service = service
        self._repository = service.repository
        self._shown = service.repository.shown
        self._columns = service.repository.columns
        self._one = snake_case(service.repository.model.__name__)
        self._many = self.path.strip("/").replace("-", "_")
        self._keeps_deleted = service.repository.deleted_at is not None
        self._row_path = "/".join([self.path, *(f"{{{column.name}}}" for column in self._columns.key)])

    @cached_property
    def _shown_page(self) -> Any:
        return Page[self._shown]  # type: ignore[name-defined]

    def add_to(self, router: Router) -> None:
        """Declare the routes in *router*, behind those that are there already."""
        serve(self)
        self._add_list(router)
        self._add_read(router)
        self._add_related(router)

    def _add_list(self, router: Router) -> None:
        async def endpoint(request: Request, call: Call, _: Any) -> Response:
            return await self.answer_list(request, call)

        self._declare(
            *(router, "GET", self.path, "list", f"list_{self._many}"),
            endpoint=endpoint,
            describe=lambda: {
                "summary": f"List {_words(self._many)}",
                "raises": self._refusals_of_deleted,
                "response_model": Page[with_related(self, self._shown)],  # type: ignore[misc]
                "parameters": [
                    *parameters.of_list(self._columns),
                    *parameters.include(links_of(self)),
                    *parameters.deleted(self._keeps_deleted),
                ],
            },
        )

    async def answer_list(self, request: Request, call: Call, only: Only | None = None) -> Response:
        """The page that *request* asks for.

        Args:
            only: Which of the rows to list; all of them, when left out.
        """
        wanted = request.query_params.multi_items()
        includes = read_include(_include_of(wanted), self)
        # `permitted` has read what asks for deleted rows.
        read_already = {INCLUDE, DELETED} if self._keeps_deleted else {INCLUDE}
        query = read_list_query([pair for pair in wanted if pair[0] not in read_already], self._columns)
        rows = await self.service.list(call, query if only is None else only(query, self._columns))
        page = self._page(query, rows)
        if not includes:
            return _answer(page)
        body = as_json(page)
        await self._include(call, rows.rows, body["data"], includes)
        return Response(to_json(body), media_type="application/json")

    async def _include(
        self, call: Call, rows: Sequence[Model], bodies: Sequence[dict[str, Any]], includes: Sequence[Include]
    ) -> None:
        await call.context.db.read(lambda tx: add_related(tx, call, rows, bodies, includes))

    def _add_read(self, router: Router) -> None:
        async def endpoint(request: Request, call: Call, _: Any) -> Response:
            includes = read_include(_include_of(request.query_params.multi_items()), self)
            stored = await self.service.read(call, self._key(request))
            if not includes:
                return self._row(stored)
            body = as_json(self._shown.model_validate(stored.row))
            await self._include(call, [stored.row], [body], includes)
            return Response(to_json(body), headers={"ETag": etag(stored.version)}, media_type="application/json")

        self._declare(
            *(router, "GET", self._row_path, "read", f"read_{self._one}"),
            endpoint=endpoint,
            describe=lambda: {
                "raises": [NotFound, *self._refusals_of_deleted],
                "summary": f"Read one {_words(self._one)}",
                "response_model": with_related(self, self._shown),
                "parameters": [
                    *parameters.of_key(self._columns),
                    *parameters.include(links_of(self)),
                    *parameters.deleted(self._keeps_deleted),
                ],
                "headers": parameters.ETAG,
            },
        )

    def _add_related(self, router: Router) -> None:
        """Declare the lists of related rows: `/users/{id}/posts`."""
        for relation in self.relations:
            if isinstance(relation, ToMany):
                self._add_related_list(router, relation)

    def _add_related_list(self, router: Router, relation: ToMany) -> None:
        async def endpoint(request: Request) -> Response:
            user = await authenticate_scope(request.scope)
            link = link_of(self, relation.name)
            if link is None:
                raise NotFound
            # Before anything is read: a caller who may list nothing learns nothing.
            listing = permitted(request, user, link.target.service, "list")
            call = replace(listing, deleted=False)
            only = only_related(call, link, await self._value_of(call, self._key(request), link))
            return await link.target.answer_list(request, listing, only)

        router.late(
            *("GET", f"{self._row_path}/{relation.path}", endpoint),
            name=f"list_{relation.attribute}_of_{self._one}",
            describe=lambda: self._described_related_list(relation, endpoint),
        )

    def _described_related_list(self, relation: ToMany, endpoint: Answer) -> dict[str, Any]:
        link = link_of(self, relation.name)
        row = relation.schema if link is None else with_related(link.target, relation.schema)
        included = [] if link is None else parameters.include(links_of(link.target))
        keeps_deleted = link is not None and takes_deleted(link.target.service, "list")
        return {
            "endpoint": with_signature(endpoint, None),
            "raises": [NotFound, InsufficientRole],
            "responses": {},
            "summary": f"List {_words(relation.attribute)} of one {_words(self._one)}",
            "description": "By the access rules of the rows' own table, and with its filters.",
            "response_model": Page[row],  # type: ignore[valid-type]
            "openapi_extra": {
                "parameters": [
                    *parameters.of_key(self._columns),
                    *parameters.of_related_list(),
                    *included,
                    *parameters.deleted(keeps_deleted),
                ],
                "security": [{}],
            },
        }

    async def _value_of(self, call: Call, key: Key, link: Link) -> Any:
        """The value that the related rows of the row with *key* are found by.

        A list says no more than the list of the other table with a filter, so a caller who may not read the row gets
        what they would get there. What a join table says is for those who may read the row.
        """
        try:
            return getattr((await self.service.read(call, key)).row, link.here)
        except (NotAuthenticated, InsufficientRole, NotFound):
            keys = [column.attribute.key for column in self._columns.key]
            if link.through is not None or keys != [link.here] or self.service.reads_every_row(call):
                raise
            return key[0]

    def _declare(
        self,
        router: Router,
        method: str,
        path: str,
        call: CallName | None,
        name: str,
        *,
        endpoint: _Endpoint,
        describe: Callable[[], dict[str, Any]],
    ) -> None:
        """Declare one route.

        Args:
            call: Whose access rules count; None for what only administrators may do.
        """

        async def enter(request: Request) -> Response:
            sent = await read_json(request) if call in _WITH_BODY else None
            user = await authenticate_scope(request.scope)
            # Before the body is validated: a caller who may not make the call learns nothing about it.
            return await endpoint(request, permitted(request, user, self.service, call), sent)

        access = self.service.access
        router.late(method, path, enter, name=name, describe=lambda: described(access, call, enter, **describe()))

    @property
    def _refusals_of_deleted(self) -> list[type[GatewrightError]]:
        """For those who ask for deleted rows and are no administrators."""
        return [InsufficientRole] if self._keeps_deleted else []

    def _key(self, request: Request) -> Key:
        return self._repository.key([request.path_params[column.name] for column in self._columns.key])

    def _page(self, query: ListQuery, rows: Rows[Model]) -> ResponseBody:
        data = [self._shown.model_validate(row) for row in rows.rows]
        page: ResponseBody = self._shown_page(data=data, pagination=_pagination(query, rows))
        return page

    def _row(self, stored: Stored[Model], status: int = 200, **headers: str) -> Response:
        body = self._shown.model_validate(stored.row)
        return _answer(body, status, {"ETag": etag(stored.version), **headers})


class Resource(ReadResource[Model], Generic[Model, Create, Update]):
    """Five routes: list, read, create, update and delete; restore too, where deleted rows are kept.

    Attributes:
        create_schema: The body of a create.
        update_schema: The body of an update.
    """

    create_schema: type[Create]
    update_schema: type[Update]

    def __init__(self, service: Service[Model, Create, Update]) -> None:
        super().__init__(service)
        self.service: Service[Model, Create, Update] = service

    def add_to(self, router: Router) -> None:
        """Declare the routes in *router*, behind those that are there already."""
        serve(self)
        self._add_list(router)
        self._add_create(router)
        self._add_read(router)
        self._add_related(router)
        self._add_update(router)
        self._add_delete(router)
        if len(self._columns.key) == 1:
            self._add_delete_many(router)
        if self._keeps_deleted:
            self._add_restore(router)

    def _add_create(self, router: Router) -> None:
        schema = self.create_schema

        async def endpoint(request: Request, call: Call, sent: Any) -> Response:
            body = one_or_many(schema, sent, call.context)
            if isinstance(body, list):
                return self._created(call, await self.service.create_many(call, body))
            stored = await self.service.create(call, body)
            return self._written(call, stored, 201, Location=self._location(request, stored.row))

        self._declare(
            *(router, "POST", self.path, "create", f"create_{self._one}"),
            endpoint=endpoint,
            describe=lambda: {
                "raises": [Conflict],
                "summary": f"Create one {_words(self._one)}, or several",
                "description": _CREATES_MANY,
                "response_model": self._shown | list[self._shown | None],  # type: ignore[name-defined]
                "status_code": 201,
                "body": built(schema) | list[schema],  # type: ignore[valid-type]
                "headers": {**parameters.ETAG, **parameters.LOCATION},
                "unseen": 201,
            },
        )

    def _add_update(self, router: Router) -> None:
        schema = self.update_schema

        async def endpoint(request: Request, call: Call, sent: Any) -> Response:
            body = body_as(schema, sent, call.context)
            versions = read_if_match(request.headers.getlist("if-match"))
            return self._written(call, await self.service.update(call, self._key(request), body, versions))

        self._declare(
            *(router, "PATCH", self._row_path, "update", f"update_{self._one}"),
            endpoint=endpoint,
            describe=lambda: {
                "raises": [NotFound, PreconditionFailed, Conflict],
                "summary": f"Change one {_words(self._one)}",
                "description": "Fields that are left out keep their value.",
                "unseen": 204,
                "response_model": self._shown,
                "body": built(schema),
                "parameters": [*parameters.of_key(self._columns), parameters.IF_MATCH],
                "headers": parameters.ETAG,
            },
        )

    def _add_delete(self, router: Router) -> None:
        async def endpoint(request: Request, call: Call, _: Any) -> Response:
            versions = read_if_match(request.headers.getlist("if-match"))
            await self.service.delete(call, self._key(request), versions)
            return Response(status_code=204)

        self._declare(
            *(router, "DELETE", self._row_path, "delete", f"delete_{self._one}"),
            endpoint=endpoint,
            describe=lambda: {
                "raises": [NotFound, PreconditionFailed, Conflict],
                "summary": f"Delete one {_words(self._one)}",
                "status_code": 204,
                "parameters": [*parameters.of_key(self._columns), parameters.IF_MATCH],
            },
        )

    def _add_delete_many(self, router: Router) -> None:
        async def endpoint(request: Request, call: Call, _: Any) -> Response:
            if "if-match" in request.headers:
                raise ValidationFailed("If-Match names the version of one row, and this call deletes several.")
            texts = read_ids(request.query_params.multi_items())
            await self.service.delete_many(call, [self._repository.key([text]) for text in texts])
            return Response(status_code=204)

        self._declare(
            *(router, "DELETE", self.path, "delete", f"delete_{self._many}"),
            endpoint=endpoint,
            describe=lambda: {
                "raises": [NotFound, Conflict],
                "summary": f"Delete several {_words(self._many)}",
                "description": "All or none.",
                "status_code": 204,
                "parameters": [parameters.ids()],
            },
        )

    def _add_restore(self, router: Router) -> None:
        async def endpoint(request: Request, call: Call, _: Any) -> Response:
            versions = read_if_match(request.headers.getlist("if-match"))
            return self._row(await self.service.restore(call, self._key(request), versions))

        self._declare(
            *(router, "POST", f"{self._row_path}/restore", None, f"restore_{self._one}"),
            endpoint=endpoint,
            describe=lambda: {
                "raises": [NotFound, PreconditionFailed, Conflict],
                "summary": f"Restore one deleted {_words(self._one)}",
                "description": "For administrators. Rows that were deleted with it are restored too.",
                "response_model": self._shown,
                "parameters": [*parameters.of_key(self._columns), parameters.IF_MATCH],
                "headers": parameters.ETAG,
            },
        )

    def _created(self, call: Call, rows: Sequence[Stored[Model]]) -> Response:
        """New rows; None for each that the caller may not read."""
        shown = [self._shown.model_validate(each.row) if self.service.shows(call, each) else None for each in rows]
        items = b",".join(b"null" if each is None else json_bytes(each) for each in shown)
        return Response(b"[" + items + b"]", 201, media_type="application/json")

    def _written(self, call: Call, stored: Stored[Model], status: int = 200, **headers: str) -> Response:
        """The row, for those who may read it. Its tag would be a digest of what the others may not see."""
        if self.service.shows(call, stored):
            return self._row(stored, status, **headers)
        return Response(status_code=204 if status == 200 else status, headers=headers)

    def _location(self, request: Request, row: Model) -> str:
        texts = [str(column.dump(getattr(row, column.attribute.key))) for column in self._columns.key]
        return "/".join([request.url.path.rstrip("/"), *(quote(text, safe="") for text in texts)])


def _answer(body: ResponseBody, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json_bytes(body), status, headers, media_type="application/json")


def _pagination(query: ListQuery, rows: Rows[Any]) -> NumberedPage | CursorPage:
    if rows.total is None:
        return CursorPage(limit=query.limit, next_cursor=rows.next_cursor, prev_cursor=rows.prev_cursor)
    pages = -(-rows.total // query.limit)
    return NumberedPage(
        page=query.page,
        limit=query.limit,
        total=rows.total,
        total_pages=pages,
        has_next=query.page < pages,
        has_prev=query.page > 1,
    )


def _include_of(wanted: Sequence[tuple[str, str]]) -> str | None:
    """The relations that a query names."""
    return ",".join(text for name, text in wanted if name == INCLUDE)


def _words(name: str) -> str:
    return name.replace("_", " ")
