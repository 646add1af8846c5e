"""What is known and not built yet is an error that says so."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from gatewright.design import unbuilt, vocabulary
from gatewright.design.document import Column, Index, Table
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.problems import DesignError
from gatewright.design.unbuilt import refuse_unbuilt
from tests.design.documents import TUTORIAL, column, design, table


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (table("Post", softDelete=True), "tables[0].softDelete"),
        (table("Post", id="Article"), "tables[0].id"),
        (table("Post", renamedFrom="Article"), "tables[0].renamedFrom"),
        (table("Post", column("a", renamedFrom="b")), "tables[0].columns[1].renamedFrom"),
        (table("Post", column("a", dbType="citext")), "tables[0].columns[1].dbType"),
        (table("Post", column("a"), indexes=[{"columns": ["a"], "where": "a = 1"}]), "tables[0].indexes[0].where"),
        (table("Post", access={"list": ["public", "permission:read"]}), "tables[0].access.list"),
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
    ("listed", "keys", "made_of"),
    [
        (unbuilt.TABLE_KEYS, vocabulary.TABLE, Table),
        (unbuilt.COLUMN_KEYS, vocabulary.COLUMN, Column),
        (unbuilt.INDEX_KEYS, vocabulary.INDEX, Index),
    ],
)
def test_the_list_names_keys_that_there_are(
    listed: dict[str, str], keys: tuple[vocabulary.Key, ...], made_of: type
) -> None:
    """A slip in the list would let something pass."""
    assert listed.items() <= {key.name: key.field for key in keys}.items()
    assert set(listed.values()) <= {field.name for field in dataclasses.fields(made_of)}
