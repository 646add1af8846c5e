"""What a format cannot hold is always listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gatewright.crud.row_schemas import export_json_schema
from gatewright.design.document import Check, Column, ColumnType, Computed, Design, ForeignKey, Index, Table
from gatewright.design.exporters.dbml import export_dbml
from gatewright.design.exporters.exported import Exported
from gatewright.design.exporters.mermaid import export_mermaid
from gatewright.design.exporters.prisma import export_prisma
from gatewright.design.exporters.svg import export_svg
from gatewright.design.kinds import keys_of
from tests.design.exporters.designs import hard_design

Export = Callable[[Design], Exported]

EXPORTERS: dict[str, Export] = {
    "dbml": export_dbml,
    "mermaid": export_mermaid,
    "prisma": export_prisma,
    "svg": export_svg,
    "json-schema": export_json_schema,
}
KEY = Column(name="id", type=ColumnType.INT, is_primary_key=True)
INT = Column(name="b", type=ColumnType.INT)
TYPES = {"precision": ColumnType.DECIMAL, "minLength": ColumnType.STRING, "maxLength": ColumnType.STRING}
# Those are names, or stand with others only; the designs of the other tests have them.
ELSEWHERE = {"references", "enumValues", "dbType", "description", "dbName", "renamedFrom", "id", "pattern", "scale"}


def plain(last: Column = INT) -> Table:
    return Table(name="Plain", columns=(KEY, Column(name="a", type=ColumnType.INT), last))


def changed() -> Iterator[tuple[str, Table, Table]]:
    """A table without and with each key of the vocabulary, and the name of that key."""
    values: dict[type, object] = {bool: True, int: 3, str: "text"}
    for key in keys_of(Column):
        if not key.required and not key.engine_only and key.name not in ELSEWHERE:
            value = Computed("a + 1") if key.name == "computed" else values.get(type(key.default), 3)
            column = replace(INT, type=TYPES.get(key.name, ColumnType.INT))
            field: dict[str, Any] = {key.field: value}
            yield key.name, plain(column), plain(replace(column, **field))
    yield "checks", plain(), replace(plain(), checks=(Check("odd", "a > b"),))
    yield "softDelete", plain(), replace(plain(), soft_delete=True)
    yield "audit", plain(), replace(plain(), audit=True)
    yield "where", plain(), replace(plain(), indexes=(Index(("a",), where="a > 1"),))
    yield "isUnique", plain(), replace(plain(), indexes=(Index(("a", "b"), is_unique=True),))
    key_of_two = ForeignKey(columns=("a", "b"), table="Plain", to_columns=("a", "b"), name="by_hand")
    yield "name", plain(), replace(plain(), foreign_keys=(key_of_two,))


CHANGES = list(changed())


@pytest.mark.parametrize("format_name", EXPORTERS)
@pytest.mark.parametrize(("key", "without", "table"), CHANGES, ids=[key for key, _, _ in CHANGES])
def test_a_key_changes_the_text_or_is_listed(format_name: str, key: str, without: Table, table: Table) -> None:
    """Nothing of the vocabulary is dropped in silence: not even what a later version adds to it."""
    export = EXPORTERS[format_name]
    before, after = export(Design((without,))), export(Design((table,)))
    listed = [note for note in after.notes if note not in before.notes]
    if after.text == before.text:
        assert any(key in note and "Plain" in note for note in listed)


@pytest.mark.parametrize("format_name", EXPORTERS)
def test_an_export_has_the_same_bytes_each_time(format_name: str) -> None:
    """So that a diff shows what changed."""
    export = EXPORTERS[format_name]
    assert export(hard_design()) == export(hard_design())
    assert export(hard_design()).text.endswith("\n")


def test_a_note_names_each_place_once() -> None:
    """By table and column, in the order of the design."""
    notes = export_mermaid(hard_design()).notes
    assert "Mermaid cannot hold pattern: Specimen.code." in notes
    assert (
        "Mermaid cannot hold isIndexed: Specimen.uuid, Odd.level, RefreshToken.createdAt, EmailVerification.expiresAt."
        in notes
    )
