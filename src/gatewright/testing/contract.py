"""The contract of a table's resource, checked through the running app. The design says what the contract is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from httpx2 import Response

from gatewright.design.document import CALLS, CallName, Column, Table
from gatewright.design.problems import nearest
from gatewright.design.relations import relations_of
from gatewright.design.settable import changeable, settable
from gatewright.generator.words import wire_name
from gatewright.roles import ADMIN, BUILT_IN_ROLES, grants
from gatewright.settings.sections import RoleSettings
from gatewright.testing.actors import (
    ANONYMOUS,
    OTHER,
    OWNER,
    SUCCESS,
    Actor,
    MadeRow,
    RowRefused,
    Rows,
    json_of,
    refusal,
)
from gatewright.testing.clients import AsUser

_METHODS: dict[CallName, str] = {"list": "GET", "read": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}
_CLOSED, _UNKNOWN = "invalid_choice", "unknown_field"
# What a call for administrators answers others, by whether they are signed in.
_CLOSED_TO = {False: 401, True: 403}
_NO_VERSION = {"If-Match": '"of no version"'}


class BrokenContract(AssertionError):
    """A resource does not do what the design says. Each line of the message names a rule and the call that broke it."""


def check_resource(as_user: AsUser, table: str) -> None:
    """Check that the resource of a table keeps the contract that the design states for it.

    Through the running app, with rows and users that it makes: who may make which call on whose rows (`access`), which
    columns clients see (`isHidden`) and may set (`isReadOnly`, keys, `ownerColumn`), which rows a reference may name
    and `include=` may show, entity tags and `If-Match`, and what becomes of a deleted row (`softDelete`).

    Args:
        as_user: The fixture of that name.
        table: Its name in the design.

    Raises:
        BrokenContract: The resource breaks the contract; the message names each rule that it breaks.
        ValueError: The design has no such table.
    """
    tables = {each.name: each for each in as_user.auth.design.tables}
    if table not in tables:
        near = nearest(table, tables)
        raise ValueError(f"The design has no table {table!r}" + (f"; did you mean {near!r}?" if near else "."))
    contract = Contract(as_user, tables[table])
    try:
        broken = list(contract.problems())
    except RowRefused as refused:
        broken = [str(refused)]
    if broken:
        raise BrokenContract("\n".join([f"The resource of {table} is not what the design says.", *broken]))


class Contract:
    """What one table's resource has to do."""

    def __init__(self, as_user: AsUser, table: Table) -> None:
        self._table = table
        self._rows = Rows(as_user)
        self._url = self._rows.url(table)
        self._admin = self._rows.actors[ADMIN]
        self._settable = settable(table)
        owns = table.access.owner_column is not None and self._rows.makes(table, OTHER)
        self._maker = self._rows.actors[OWNER] if owns else self._admin
        roles = sorted(_roles_to_try(table, as_user.auth.settings.roles))
        names = [ANONYMOUS, OTHER, *([OWNER] if owns else []), *roles, ADMIN]
        self._callers = [self._rows.actors[name] for name in names]
        related = relations_of(as_user.auth.design)[table.name]
        self._relations = [
            relation
            for relation in related
            if relation.refers and relation.is_shown and relation.target.key_columns == (relation.target_column,)
        ]
        self._hidden = [wire_name(column) for column in table.columns if column.is_hidden]

    def problems(self) -> Iterator[str]:
        """Each rule that is broken, with the call that shows it."""
        yield from self._hidden_columns_are_unknown()
        if self._rows.samples.problem(self._table) is None:
            yield from self._a_row_lives()
            yield from self._callers_list()
            yield from self._callers_create()
            yield from self._callers_reach_rows()
            yield from self._references_are_closed()
            yield from self._included_rows_are_closed()
            yield from self._servers_columns_are_refused()
        else:
            yield from self._callers_are_refused()
        if self._table.is_system:
            yield from self._engines_rows_stay()

    def _hidden_columns_are_unknown(self) -> Iterator[str]:
        for name in self._hidden:
            for parameters in ({"sort": name}, {f"filter[{name}]": "a"}):
                answer = self._admin.client.get(self._url, params=parameters)
                yield from self._status(f"{name}.isHidden", f"with {next(iter(parameters))}", answer, 422)

    def _a_row_lives(self) -> Iterator[str]:
        """ADMIN makes, reads, lists, changes and deletes a row."""
        made = self._rows.make(self._table, self._admin)
        read = self._admin.client.get(made.url)
        yield from self._shows_row("create", made.answer)
        yield from self._shows_row("read", read)
        is_same = json_of(made.answer) == made.row
        yield from self._holds("read", is_same, f"GET {self._url} answered another row than the POST that made it")
        for name in (name for name in made.body if name not in self._hidden and made.row.get(name) != made.body[name]):
            found = made.row.get(name)
            yield f"{self._table.name}.{name}: POST {self._url} was sent {made.body[name]!r}, and kept {found!r}."
        is_listed = made.row in self._listed(self._admin, made.row)
        yield from self._holds("list", is_listed, f"GET {self._url} lacks a row that was made")
        yield from self._changes_keep_versions(made.url, {n: made.body[n] for n in self._changed_names(made.body)})
        yield from self._deleted_row_is_gone(made.url)
        if self._table.soft_delete:
            yield from self._deleted_row_is_kept(made)

    def _shows_row(self, call: str, answer: Response) -> Iterator[str]:
        yield from self._holds("ETag", "ETag" in answer.headers, f"the answer to a {call} has no ETag")
        for name in (name for name in self._hidden if name in json_of(answer)):
            yield f"{self._table.name}.{name}.isHidden: the answer to a {call} holds it."

    def _changes_keep_versions(self, url: str, change: dict[str, Any]) -> Iterator[str]:
        client = self._admin.client
        if change:
            refused = client.patch(url, json=change, headers=_NO_VERSION)
            yield from self._status("If-Match", "with another version", refused, 412)
            current = {"If-Match": client.get(url).headers.get("ETag", "*")}
            changed = client.patch(url, json=change, headers=current)
            yield from self._status("If-Match", "with the row's version", changed, 200)
            if changed.status_code == SUCCESS["update"]:
                yield from self._shows_row("update", changed)
        refused = client.delete(url, headers=_NO_VERSION)
        yield from self._status("If-Match", "with another version", refused, 412)

    def _deleted_row_is_gone(self, url: str) -> Iterator[str]:
        client = self._admin.client
        yield from self._status("delete", "by ADMIN", client.delete(url), 204)
        for method in ("GET", "DELETE"):
            yield from self._status("delete", "of a deleted row", client.request(method, url), 404)

    def _deleted_row_is_kept(self, made: MadeRow) -> Iterator[str]:
        """ADMIN reads the deleted row, and restores it; no other caller does."""
        deleted, restore = {"deleted": "true"}, f"{made.url}/restore"
        for actor in (each for each in self._callers if each is not self._admin):
            expected = refusal(self._table, "read", actor) or _CLOSED_TO[actor.user is not None]
            read, restored = actor.client.get(made.url, params=deleted), actor.client.post(restore)
            yield from self._status("softDelete", f"with deleted=true by {actor.name}", read, expected)
            yield from self._status("softDelete", f"by {actor.name}", restored, _CLOSED_TO[actor.user is not None])
        client = self._admin.client
        yield from self._status("softDelete", "with deleted=true by ADMIN", client.get(made.url, params=deleted), 200)
        yield from self._status("softDelete", "by ADMIN", client.post(restore), 200)
        yield from self._status("softDelete", "of a restored row", client.get(made.url), 200)
        yield from self._status("softDelete", "of a row that is not deleted", client.post(restore), 404)
        yield from self._status("delete", "of a restored row", client.delete(made.url), 204)

    def _callers_list(self) -> Iterator[str]:
        """A list holds what its reader may see, and nothing else."""
        made = self._rows.make(self._table, self._maker)
        for actor in self._callers:
            answer = actor.client.get(self._url)
            yield from self._allows("list", actor, answer, refusal(self._table, "list", actor))
            if answer.status_code == SUCCESS["list"]:
                is_there = made.row in self._listed(actor, made.row)
                is_allowed = refusal(self._table, "list", actor, self._maker) is None
                what = f"GET {self._url} by {actor.name} {'holds' if is_there else 'lacks'} a row of {self._maker.name}"
                yield from self._holds(self._rules("list"), is_there == is_allowed, what)

    def _callers_create(self) -> Iterator[str]:
        """The new row is shown to callers who may read it, and to no others."""
        for actor in self._callers:
            expected = self._rows.create_status(self._table, actor)
            answer = actor.client.post(self._url, json=self._rows.body(self._table, actor))
            yield from self._status(self._rules("create"), f"by {actor.name}", answer, expected)
            if answer.status_code == SUCCESS["create"]:
                is_allowed = refusal(self._table, "read", actor, actor) is None
                is_shown = bool(answer.content) or "ETag" in answer.headers
                what = f"POST {self._url} by {actor.name} {'shows' if is_shown else 'does not show'} the new row"
                yield from self._holds(self._rules("read"), is_shown == is_allowed, what)

    def _callers_reach_rows(self) -> Iterator[str]:
        """Rows of others are not found, and stay as they are."""
        made = self._rows.make(self._table, self._maker)
        change = {name: made.row[name] for name in self._changed_names(made.row)}
        for actor in self._callers:
            refused = {call: refusal(self._table, call, actor, self._maker) for call in CALLS}
            yield from self._allows("read", actor, actor.client.get(made.url), refused["read"])
            if change:
                success = 200 if refused["read"] is None else 204
                answer = actor.client.patch(made.url, json=change)
                yield from self._allows("update", actor, answer, refused["update"] or success)
            gone = self._rows.make(self._table, self._maker)
            yield from self._allows("delete", actor, actor.client.delete(gone.url), refused["delete"])
            left = self._admin.client.get(gone.url)
            what = f"after DELETE by {actor.name}"
            yield from self._status(self._rules("delete"), what, left, 200 if refused["delete"] else 404)

    def _callers_are_refused(self) -> Iterator[str]:
        """The calls that need no row, where none can be made: those that the rules refuse, and lists."""
        row_url = "/".join([self._url, *("x" for _ in self._table.key_columns)])
        for actor in self._callers:
            for call in ("list", "read") if self._table.is_system else CALLS:
                refused = refusal(self._table, call, actor)
                if refused is None and call != "list":
                    continue
                url = self._url if call in ("list", "create") else row_url
                answer = actor.client.request(_METHODS[call], url, json={} if call in ("create", "update") else None)
                yield from self._allows(call, actor, answer, refused)

    def _references_are_closed(self) -> Iterator[str]:
        """The row of another is refused like one that does not exist."""
        other = self._rows.actors[OTHER]
        if not self._rows.makes(self._table, OTHER):
            return
        body = self._rows.body(self._table, other)
        for column in self._settable:
            reference, name = column.references, wire_name(column)
            if reference is None or self._rows.may_name_all(reference, other):
                continue
            if self._rows.samples.can_refer(reference):
                sent = {**body, name: self._rows.foreign_value(reference)}
                answer = other.client.post(self._url, json=sent)
                yield from self._faults(f"{name}.references", "with a row of another", answer, name, _CLOSED)

    def _included_rows_are_closed(self) -> Iterator[str]:
        """A row that comes with another is the one that its reader gets at its own path, or none."""
        made = self._rows.make(self._table, self._maker)
        for relation in self._relations:
            key = made.row.get(wire_name(relation.column))
            for actor in self._callers if key is not None else ():
                answer = actor.client.get(made.url, params={"include": relation.name})
                if answer.status_code != SUCCESS["read"]:
                    # The caller may not read the row, or the app includes no such rows.
                    continue
                found, expected = json_of(answer).get(relation.name), self._rows.read(relation.target, key, actor)
                what = f"GET {made.url} by {actor.name} with include={relation.name}"
                broken = f"{what} holds {'a row' if found else 'none'}, and its own path says otherwise"
                yield from self._holds(f"{relation.name}", found == expected, broken)

    def _servers_columns_are_refused(self) -> Iterator[str]:
        """What clients can't set is refused like a field that does not exist."""
        body, made = self._rows.body(self._table, self._admin), self._rows.make(self._table, self._admin)
        for column in self._table.columns:
            name = wire_name(column)
            rule = f"{name}.{_reason(column, self._table)}"
            if column not in self._settable:
                answer = self._admin.client.post(self._url, json={**body, name: None})
                yield from self._faults(rule, "that sets it", answer, name, _UNKNOWN)
            if column not in changeable(self._table):
                answer = self._admin.client.patch(made.url, json={name: None})
                yield from self._faults(rule, "that sets it", answer, name, _UNKNOWN)

    def _engines_rows_stay(self) -> Iterator[str]:
        """The engine's rows change through its own calls."""
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = self._admin.client.request(method, self._url)
            yield from self._status("the engine's table", "by ADMIN", answer, 405)

    def _listed(self, actor: Actor, row: dict[str, Any]) -> list[Any]:
        """The rows with the key of *row* that *actor* finds in the list."""
        keys = [wire_name(column) for column in self._table.key_columns]
        answer = actor.client.get(self._url, params={f"filter[{key}]": str(row[key]) for key in keys})
        rows: list[Any] = json_of(answer).get("data", [])
        return rows

    def _changed_names(self, row: Mapping[str, Any]) -> list[str]:
        """The columns of *row* to change: not references, which name what their caller may read."""
        sent = set(self._rows.samples.columns(self._table))
        columns = [c for c in changeable(self._table) if c.references is None and c in sent]
        return [name for name in map(wire_name, columns) if name in row]

    def _rules(self, call: CallName) -> str:
        rules = ", ".join(map(str, self._table.access.rules(call))) or "none, so ADMIN alone"
        return f"access.{call} ({rules})"

    def _allows(self, call: CallName, actor: Actor, answer: Response, expected: int | None) -> Iterator[str]:
        what = f"by {actor.name}"
        yield from self._status(self._rules(call), what, answer, expected or SUCCESS[call])

    def _status(self, rule: str, what: str, answer: Response, expected: int) -> Iterator[str]:
        problem = f"{answer.request.method} {answer.url.path} {what} answered {answer.status_code}, not {expected}"
        yield from self._holds(rule, answer.status_code == expected, problem)

    def _faults(self, rule: str, what: str, answer: Response, name: str, code: str) -> Iterator[str]:
        faults = {error["field"]: error["code"] for error in json_of(answer).get("errors", [])}
        answered = f"{answer.request.method} {answer.url.path} {what} answered {answer.status_code} {faults}"
        yield from self._holds(
            rule, answer.status_code == 422 and faults.get(f"/{name}") == code, f"{answered}, not 422 {code}"
        )

    def _holds(self, rule: str, is_kept: bool, problem: str) -> Iterator[str]:
        if not is_kept:
            yield f"{self._table.name}.{rule}: {problem}."


def _reason(column: Column, table: Table) -> str:
    """The key of the design that keeps clients from setting the column."""
    if column.name == table.access.owner_column:
        return "ownerColumn"
    flags = {
        "isReadOnly": column.is_read_only,
        "isHidden": column.is_hidden,
        "isUpdatedAt": column.is_updated_at,
        "isPrimaryKey": column.is_primary_key,
    }
    return next((name for name, is_set in flags.items() if is_set), "defaultValue")


def _roles_to_try(table: Table, roles: Mapping[str, RoleSettings]) -> set[str]:
    """The roles of the settings that an access rule names, itself or by a permission."""
    named = table.access.permissions
    granting = {role for role, granted in roles.items() if any(grants(granted.permissions, name) for name in named)}
    return (table.access.roles & set(roles) | granting) - set(BUILT_IN_ROLES)
