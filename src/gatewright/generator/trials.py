"""What the generated tests of each table do, and what they expect."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.design.document import USER, Column, DefaultFunction, Design, Reference, RuleKind, Table
from gatewright.generator import words
from gatewright.generator.literals import Code, literal
from gatewright.generator.samples import sample, series

CALLS = ("list", "read", "create", "update", "delete")
_SUCCESS = {"list": 200, "read": 200, "create": 201, "update": 200, "delete": 204}
_PLAIN_ROLES = ("USER", "ADMIN")
_SHOWN_OF_USER = ("id", "email")

_Body = tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The tests of one table.

    Attributes:
        body: What a row is made from: names in JSON with expressions; None when no row can be made by the tests.
        problem: Why not, for a person.
        maker: Who makes the row, as a literal: its owner where there can be one.
        change: The names in JSON of what of the body a row can be changed to, as a literal; None when that is nothing.
        unseen: The names in JSON of what of the body is not in the answer, as a literal; None when all is.
        cases: Who may make which call, with the status that is answered, as a dictionary literal for each call.
        seers: Whose list holds the row, as a literal.
        refused: The names in JSON that no client may send, as a literal; None without any.
        hidden: The names in JSON of what never leaves the server, as a literal; None without any.
    """

    body: tuple[tuple[Code, Code], ...] | None
    problem: str | None
    maker: Code
    cases: dict[str, Code]
    seers: Code
    change: Code | None
    unseen: Code | None
    refused: Code | None
    hidden: Code | None


def make_trials(design: Design) -> dict[str, Trial]:
    """The tests of every table, by the tables' names."""
    rows = _Rows(design)
    return {table.name: _trial(table, rows) for table in design.tables}


def settable(table: Table) -> list[Column]:
    """The columns that clients may set when they create a row."""
    return [] if table.is_system else [column for column in table.columns if _is_settable(column, table)]


def changeable(table: Table) -> list[Column]:
    """The columns that clients may change."""
    return [column for column in settable(table) if not column.is_primary_key]


class _Rows:
    """Which rows tests can make, and from what."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._known: dict[str, tuple[_Body | None, str | None]] = {}

    def body(self, table: Table) -> tuple[_Body | None, str | None]:
        """What a row of *table* is made from, or why it can't be made."""
        if table.name not in self._known:
            # For a table that needs a row of itself first, however far around.
            self._known[table.name] = (None, f"{table.name} needs a row of {table.name} first")
            self._known[table.name] = self._body(table)
        return self._known[table.name]

    def value(self, column: Column, table: Table) -> Code | None:
        """An expression for a value of the column; None when there is none."""
        is_alone, is_part = _uniqueness(column, table)
        if column.references is not None:
            return self._reference(column.references, is_part=is_part)
        found = series(column) if is_part else None
        return found if found or is_alone else sample(column)

    def _reference(self, reference: Reference, *, is_part: bool) -> Code | None:
        target = self._design.table(reference.table)
        referred = target.column(reference.column)
        name = literal(words.wire_name(referred))
        if target.name == USER:
            user = "people.another()" if is_part else 'people.user("ADMIN")'
            return Code(f"{user}[{name}]") if referred.name in _SHOWN_OF_USER else None
        if referred.is_hidden or target.is_system or self.body(target)[0] is None:
            return None
        return Code(f"make_{words.folder(target)}(people).row[{name}]")

    def _body(self, table: Table) -> tuple[_Body | None, str | None]:
        if table.is_system:
            return None, None
        allowed, parts = settable(table), []
        for column in table.columns:
            is_needed = _is_needed(column) and column.name != table.access.owner_column
            if column not in allowed:
                if is_needed:
                    return None, f"{table.name}.{column.name} is required, has no default, and no client may set it"
                continue
            if column.references is not None and not is_needed:
                continue
            value = self.value(column, table)
            if value is not None:
                parts.append((words.wire_name(column), value))
            elif is_needed:
                return None, _unknown_value(column, table)
        return tuple(parts), None


def _trial(table: Table, rows: _Rows) -> Trial:
    body, problem = rows.body(table)
    owned = body is not None and table.access.owner_column is not None
    maker = "owner" if owned and _status("create", "stranger", table) == 201 else "ADMIN"
    people = _people(table, maker)
    sent = [] if body is None else [column for column in settable(table) if words.wire_name(column) in dict(body)]
    return Trial(
        body=None if body is None else tuple((literal(name), value) for name, value in body),
        problem=problem,
        maker=literal(maker),
        cases={call: literal({who: _status(call, who, table) for who in people}) for call in CALLS},
        seers=literal([who for who in people if _sees(who, maker, table)]),
        change=_names([column for column in sent if column in changeable(table) and column.references is None]),
        unseen=_names([column for column in sent if column.is_hidden]),
        refused=_names([column for column in table.columns if column not in settable(table)]),
        hidden=_names([column for column in table.columns if column.is_hidden]),
    )


def _names(columns: list[Column]) -> Code | None:
    return literal([words.wire_name(column) for column in columns]) if columns else None


def _people(table: Table, maker: str) -> list[str]:
    rules = {rule for call in CALLS for rule in getattr(table.access, call)}
    roles = sorted({rule.name for rule in rules if rule.kind is RuleKind.ROLE and rule.name not in _PLAIN_ROLES})
    return ["nobody", "stranger", *(["owner"] if maker == "owner" else []), *roles, "ADMIN"]


def _sees(who: str, maker: str, table: Table) -> bool:
    is_answered = _status("list", who, table) == _SUCCESS["list"]
    return is_answered and (who == maker or not _is_limited("list", who, table))


def _status(call: str, who: str, table: Table) -> int:
    kinds = _kinds(call, table)
    if RuleKind.PUBLIC in kinds:
        return _success(call, who, table)
    if who == "nobody":
        return 401
    if not _is_limited(call, who, table):
        return _success(call, who, table)
    if RuleKind.OWNER not in kinds:
        return 403
    return _success(call, who, table) if who == "owner" or call in ("list", "create") else 404


def _success(call: str, who: str, table: Table) -> int:
    """The status of a call that was made; whoever may change a row and not read it gets no row."""
    is_unseen = call == "update" and _status("read", who, table) != _SUCCESS["read"]
    return 204 if is_unseen else _SUCCESS[call]


def _is_limited(call: str, who: str, table: Table) -> bool:
    """Whether the call lets somebody who is signed in at most to their own rows."""
    kinds, role = _kinds(call, table), "USER" if who in ("owner", "stranger") else who
    named = {rule.name for rule in getattr(table.access, call) if rule.kind is RuleKind.ROLE}
    return not (kinds & {RuleKind.PUBLIC, RuleKind.AUTHENTICATED} or role == "ADMIN" or role in named)


def _kinds(call: str, table: Table) -> set[RuleKind]:
    return {rule.kind for rule in getattr(table.access, call)}


def _is_settable(column: Column, table: Table) -> bool:
    servers = column.is_read_only or column.is_system or column.is_updated_at
    return not (
        servers or isinstance(column.default_value, DefaultFunction) or column.name == table.access.owner_column
    )


def _is_needed(column: Column) -> bool:
    return column.is_not_null and column.default_value is None and not column.is_updated_at


def _uniqueness(column: Column, table: Table) -> tuple[bool, bool]:
    """Whether no two rows have the same value there, and whether it is a part of what no two rows have the same of."""
    indexes = [index.columns for index in table.indexes if index.is_unique]
    groups = [tuple(key.name for key in table.key_columns), *indexes, *([(column.name,)] if column.is_unique else [])]
    return (column.name,) in groups, any(column.name in group for group in groups)


def _unknown_value(column: Column, table: Table) -> str:
    if column.references is not None:
        return f"no row that {table.name}.{column.name} refers to can be made"
    return f"no value for {table.name}.{column.name} is known; give the column an example that fits its pattern"
