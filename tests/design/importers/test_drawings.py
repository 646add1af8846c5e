"""drawDB's and ChartDB's files, Mifty's, and files of other tools in their place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatewright.design.document import Design
from gatewright.design.importers.chartdb import read_chartdb
from gatewright.design.importers.drawdb import read_drawdb
from gatewright.design.importers.imported import Importer, SourceFile
from gatewright.design.importers.javascript import read_tables
from gatewright.design.problems import DesignError
from tests.design.documents import ID


def tables(read: Importer, raw: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read([SourceFile("x.json", json.dumps(raw))], Design(())).raw["tables"]
    return found


def field(number: int, name: str, **keys: object) -> dict[str, Any]:
    return {"id": number, "name": name, "type": "INTEGER", "primary": name == "id", **keys}


@pytest.mark.parametrize("cardinality", ["many_to_one", "one_to_many", "One to one", "Many to one", "one_to_one"])
def test_the_foreign_key_of_drawdb_is_at_the_side_of_many(cardinality: str) -> None:
    """Old files have numbers as ids, and the words of the screen."""
    relation = {"startTableId": 2, "startFieldId": 20, "endTableId": 1, "endFieldId": 10, "cardinality": cardinality}
    if cardinality == "one_to_many":
        relation |= {"startTableId": 1, "startFieldId": 10, "endTableId": 2, "endFieldId": 20}
    raw = {
        "tables": [
            {"id": 1, "name": "p", "fields": [field(10, "id")]},
            {"id": 2, "name": "c", "fields": [field(21, "id"), field(20, "p_id")]},
        ],
        "relationships": [{**relation, "deleteConstraint": "Set null", "updateConstraint": "No action"}],
    }
    column = tables(read_drawdb, raw)[1]["columns"][1]
    assert column["references"] == {"table": "P", "onDelete": "setNull"}
    assert column.get("isUnique", False) is ("one" in cardinality.lower() and "many" not in cardinality.lower())


@pytest.mark.parametrize("is_source_many", [True, False])
def test_the_foreign_key_of_chartdb_is_at_the_side_of_many(is_source_many: bool) -> None:
    """Which of its two ends that is, differs."""
    kind = {"id": "int", "name": "int"}
    parent = {"id": "1", "name": "p", "fields": [{"id": "10", "name": "id", "type": kind, "primaryKey": True}]}
    child = {
        "id": "2",
        "name": "c",
        "fields": [
            {"id": "21", "name": "id", "type": kind, "primaryKey": True},
            {"id": "20", "name": "p_id", "type": kind},
        ],
    }
    many, one = ("source", "target") if is_source_many else ("target", "source")
    relation = {
        f"{many}TableId": "2",
        f"{many}FieldId": "20",
        f"{one}TableId": "1",
        f"{one}FieldId": "10",
        f"{many}Cardinality": "many",
        f"{one}Cardinality": "one",
    }
    raw = {"databaseType": "generic", "tables": [parent, child], "relationships": [relation]}
    assert tables(read_chartdb, raw)[1]["columns"][1]["references"]["table"] == "P"


@pytest.mark.parametrize("read", [read_drawdb, read_chartdb])
@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({}, "tables: field required"),
        ([], "should be a valid dictionary"),
        ({"tables": [{"id": 1, "name": "a", "fields": 3}], "relationships": []}, "tables[0].fields: "),
        ({"openapi": "3.1.0", "paths": {}}, "tables: field required"),
    ],
)
def test_another_file_is_refused_by_its_path(read: Importer, raw: object, message: str) -> None:
    """Not with a traceback, and not half taken in."""
    with pytest.raises(DesignError) as caught:
        tables(read, raw)
    assert message in str(caught.value)


@pytest.mark.parametrize("read", [read_drawdb, read_chartdb])
@pytest.mark.parametrize("text", ['{"tables": [', "[" * 100_000, '{"tables": NaN}', ""])
def test_half_a_file_is_refused_with_its_line(read: Importer, text: str) -> None:
    """Also one that is nested without end."""
    with pytest.raises(DesignError, match=r"^line 1, column \d+: "):
        read([SourceFile("x.json", text)], Design(()))


@pytest.mark.parametrize(
    "text",
    [
        "import { Table } from './types';\nexport const tables: Table[] = [{name: 'Tag', columns: [%s]}] as const;",
        "export const tables: Record<string, Table> = {Tag: {columns: {id: %s}}};",
        "const design = {tables: {Tag: {columns: [%s]}}} satisfies Design;\n",
        "export default {Tag: {columns: [%s]}}",
    ],
)
def test_miftys_tables_stand_in_a_list_or_under_their_names(text: str) -> None:
    """With the types that TypeScript has beside them; nothing of it is run."""
    raw = read_tables([SourceFile("db.design.ts", text % json.dumps(ID))], Design(())).raw
    listed = raw["tables"] if isinstance(raw, dict) else raw
    assert [(table["name"], table["columns"][0]["name"]) for table in listed] == [("Tag", "id")]
