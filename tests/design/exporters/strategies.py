"""Designs that another format can hold whole."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from gatewright.design.document import Design
from gatewright.design.reading import design_of

TABLES = ("Post", "Category", "Person", "BlogEntry", "Bus")
COLUMNS = ("title", "authorId", "isDone", "count2", "createdAt", "note", "level", "kind")
# Text that files of other tools have trouble with; no space at the ends of lines, which not all formats keep.
TEXTS = st.lists(
    st.sampled_from(
        ["a", "it's", '"q"', "\\", "`", "//", "/*", "*/", "''' x", "{", "}", "[,]", "é", "#quot;", "a: b", "@id"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
ENUM_VALUES = st.lists(
    st.sampled_from(["on hold", "OK", "it's", '"q"', "back\\slash", "{", "a, b] }", "ok", "OK2", "1st", "é"]),
    min_size=1,
    max_size=4,
    unique=True,
)
KEYS = (
    {"name": "id", "type": "Int", "isPrimaryKey": True, "defaultValue": "autoincrement()"},
    {"name": "id", "type": "BigInt", "isPrimaryKey": True},
    {"name": "id", "type": "Uuid", "isPrimaryKey": True, "defaultValue": "uuid()"},
    {"name": "id", "type": "String", "maxLength": 40, "isPrimaryKey": True},
)


def typed_columns(*, with_limits: bool) -> st.SearchStrategy[dict[str, Any]]:
    """The type of a column, with what belongs to it.

    Args:
        with_limits: Whether numbers have a minimum and texts a least length.
    """
    limits = st.sampled_from([{}, {"minValue": -1}, {"minValue": 0, "maxValue": 9}] if with_limits else [{}])
    lengths = st.sampled_from([{}, {"minLength": 2}] if with_limits else [{}])
    numbers = st.tuples(limits, st.sampled_from([{}, {"defaultValue": 3}])).map(lambda parts: parts[0] | parts[1])
    return st.one_of(
        st.tuples(lengths, st.sampled_from([{}, {"maxLength": 300}])).map(lambda p: {"type": "String", **p[0], **p[1]}),
        TEXTS.map(lambda text: {"type": "String", "defaultValue": text + " end"}),
        st.just({"type": "Text"}),
        numbers.map(lambda keys: {"type": "Int"} | keys),
        numbers.map(lambda keys: {"type": "BigInt"} | keys),
        st.sampled_from([{"type": "Float"}, {"type": "Float", "defaultValue": -0.5}]),
        st.sampled_from(
            [{"type": "Decimal"}, {"type": "Decimal", "precision": 10, "scale": 2, "defaultValue": "1.50"}]
        ),
        st.sampled_from([{"type": "Boolean"}, {"type": "Boolean", "defaultValue": True}]),
        st.sampled_from([{"type": "DateTime"}, {"type": "DateTime", "defaultValue": "now()"}]),
        st.sampled_from([{"type": "Date"}, {"type": "Date", "defaultValue": "2026-01-31"}]),
        st.sampled_from([{"type": "Time"}, {"type": "Time", "defaultValue": "12:30:00"}]),
        st.sampled_from([{"type": "Json"}, {"type": "Json", "defaultValue": {"a": ["it's", None]}}]),
        st.just({"type": "Bytes"}),
        st.sampled_from([{"type": "Uuid"}, {"type": "Uuid", "defaultValue": "uuid()"}]),
        ENUM_VALUES.map(lambda values: {"type": "Enum", "enumValues": values, "defaultValue": values[-1]}),
    )


_INDEXABLE = ("String", "Int", "BigInt", "Uuid", "DateTime", "Date")


@st.composite
def designs(draw: st.DrawFn, *, with_limits: bool) -> Design:
    """A design of tables that refer to each other, with everything that the format in question holds."""
    names = draw(st.lists(st.sampled_from(TABLES), min_size=1, max_size=4, unique=True))
    keys = {name: draw(st.sampled_from(KEYS)) for name in names}
    raw = [draw(_tables(name, keys, with_limits=with_limits)) for name in names]
    return design_of({"$schema": "./.gatewright/design.schema.json", "tables": raw})


@st.composite
def _tables(draw: st.DrawFn, name: str, keys: dict[str, Any], *, with_limits: bool) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(COLUMNS), max_size=5, unique=True))
    others = [{"name": column} | draw(_columns(keys, with_limits=with_limits)) for column in chosen]
    columns = [keys[name], *others]
    table: dict[str, Any] = {"name": name, "columns": columns}
    if draw(st.booleans()):
        table["description"] = draw(TEXTS)
    if not with_limits and draw(st.booleans()):
        # DBML has room for one name only.
        table["dbName"] = f"the {name.lower()}"
    indexable = [column["name"] for column in columns[1:] if column["type"] in _INDEXABLE]
    if len(indexable) > 1:
        table["indexes"] = [{"columns": indexable[:2], "isUnique": draw(st.booleans()), "name": f"two of {name}"}]
    return table


@st.composite
def _columns(draw: st.DrawFn, keys: dict[str, Any], *, with_limits: bool) -> dict[str, Any]:
    if draw(st.integers(0, 3)) == 0:
        column = draw(_references(keys))
    else:
        column = dict(draw(typed_columns(with_limits=with_limits)))
        if "defaultValue" in column:
            column |= {"isRequired": False} if draw(st.booleans()) else {}
        else:
            column |= {"isRequired": True} if draw(st.booleans()) else {}
        if column["type"] in _INDEXABLE:
            column |= draw(st.sampled_from([{}, {"isUnique": True}, {"isIndexed": True}]))
    return column | ({"description": draw(TEXTS)} if draw(st.booleans()) else {})


@st.composite
def _references(draw: st.DrawFn, keys: dict[str, Any]) -> dict[str, Any]:
    target = draw(st.sampled_from(sorted(keys)))
    limits = {key: value for key, value in keys[target].items() if key == "maxLength"}
    is_required = draw(st.booleans())
    action = draw(st.sampled_from(["cascade", "restrict", "noAction"] + ([] if is_required else ["setNull"])))
    reference = {"table": target, "onDelete": action} | draw(st.sampled_from([{}, {"onUpdate": "cascade"}]))
    found = {"type": keys[target]["type"], "references": reference, **limits}
    return found | ({"isRequired": True} if is_required else {}) | draw(st.sampled_from([{}, {"isUnique": True}]))
