"""What is known and not built yet is an error that says so."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design import unbuilt
from gatewright.design.document import Table
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.kinds import keys_of
from gatewright.design.problems import DesignError
from gatewright.design.unbuilt import refuse_unbuilt
from tests.design.documents import TUTORIAL, column, design, table


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (table("Post", softDelete=True), "tables[0].softDelete"),
        (table("Post", dbSchema="the.blog"), "tables[0].dbSchema"),
        (table("Post", dbSchema="it's"), "tables[0].dbSchema"),
        (table("Post", dbName="blog.posts"), "tables[0].dbName"),
        (table("Post", column("a", dbName='a "b"')), "tables[0].columns[1].dbName"),
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
    [(unbuilt.TABLE_KEYS, Table)],
)
def test_the_list_names_keys_that_there_are(listed: dict[str, str], made_of: type) -> None:
    """A slip in the list would let something pass."""
    assert listed.items() <= {key.name: key.field for key in keys_of(made_of)}.items()
