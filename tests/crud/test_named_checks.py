"""A row that fails a check which the design names is refused with that name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatewright.design.document import Check, Design
from tests.crud.conftest import People, new_post, sample_design

pytestmark = pytest.mark.both_databases


@pytest.fixture
def design() -> Design:
    """The sample with a check on posts."""
    sample = sample_design()
    check = Check("title and :body", "title <> body OR status = 'a:b'")
    tables = (replace(table, checks=(check,)) if table.name == "Post" else table for table in sample.tables)
    return replace(sample, tables=tuple(tables))


async def test_a_row_that_fails_a_check_is_refused_with_its_name(people: People) -> None:
    """At create and at update; what the database checks beside it is not named."""
    client = people.owner.client
    answer = await client.post("/posts", json={"title": "same", "body": "same"})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["detail"] == 'The row fails the check "title and :body".'
    row = await new_post(people.owner, title="one", body="two")
    answer = await client.patch(f"/posts/{row['id']}", json={"body": "one"})
    assert answer.json()["detail"] == 'The row fails the check "title and :body".'
    assert (await client.get(f"/posts/{row['id']}")).json()["body"] == "two"
