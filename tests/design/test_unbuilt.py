"""What is known and not built yet is an error that says so."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.importers.javascript import import_javascript
from gatewright.design.problems import DesignError
from gatewright.design.unbuilt import refuse_unbuilt
from tests.design.documents import TUTORIAL, column, design, table


@pytest.mark.parametrize(
    ("raw", "path"),
    [
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
