"""What is known and not built yet is an error that says so."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design import unbuilt
from gatewright.design.document import Column, Index, Table
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.kinds import keys_of
from gatewright.design.problems import DesignError
from gatewright.design.unbuilt import refuse_unbuilt
from tests.design.documents import TUTORIAL, column, design, table


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (table("Post", softDelete=True), "tables[0].softDelete"),
        (table("Post", audit=True), "tables[0].audit"),
        (table("Post", dbSchema="blog"), "tables[0].dbSchema"),
        (table("Post", dbName="blog posts"), "tables[0].dbName"),
        (table("Post", checks=[{"name": "positive", "expression": "id > 0"}]), "tables[0].checks"),
        (
            table("Post", foreignKeys=[{"columns": ["id"], "table": "Post", "toColumns": ["id"]}]),
            "tables[0].foreignKeys",
        ),
        (table("Post", column("a", computed={"expression": "id + 1"})), "tables[0].columns[1].computed"),
        (
            table("Post", column("a", references={"table": "Post", "onDelete": "noAction"})),
            "tables[0].columns[1].references.onDelete",
        ),
        (
            table("Post", column("a"), indexes=[{"columns": ["a"], "name": "posts by a"}]),
            "tables[0].indexes[0].name",
        ),
        (table("Post", column("a", dbType="citext")), "tables[0].columns[1].dbType"),
        (table("Post", column("a"), indexes=[{"columns": ["a"], "where": "a = 1"}]), "tables[0].indexes[0].where"),
        (
            table("Post", relationships=[{"name": "x", "type": "ManyToMany", "toTable": "Post"}]),
            "tables[0].relationships",
        ),
    ],
)
def test_what_is_not_built_is_refused_with_its_place(raw: dict[str, Any], path: str) -> None:
    """Nothing of the vocabulary is ever passed over in silence."""
    with pytest.raises(DesignError) as caught:
        refuse_unbuilt(design(raw))
    (problem,) = caught.value.problems
    assert problem.path == path
    assert "is not built yet" in problem.message


def test_the_tutorials_design_is_built() -> None:
    """Nothing in it waits for a later version."""
    refuse_unbuilt(import_javascript(TUTORIAL))


@pytest.mark.parametrize(
    ("listed", "made_of"),
    [(unbuilt.TABLE_KEYS, Table), (unbuilt.COLUMN_KEYS, Column), (unbuilt.INDEX_KEYS, Index)],
)
def test_the_list_names_keys_that_there_are(listed: dict[str, str], made_of: type) -> None:
    """A slip in the list would let something pass."""
    assert listed.items() <= {key.name: key.field for key in keys_of(made_of)}.items()
