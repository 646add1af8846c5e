"""Deleting rows at once that refer to each other."""

from __future__ import annotations

import itertools

import pytest

from tests.crud.conftest import People
from tests.crud.related.blog import make

pytestmark = pytest.mark.both_databases


async def test_rows_that_refer_to_each_other_go_in_any_order(people: People) -> None:
    """Though the reference restricts: all of them go."""
    client = people.admin.client
    for order in itertools.permutations(range(3)):
        first = await make(people.admin, "/teams")
        second = await make(people.admin, "/teams", parentId=first)
        teams = [first, second, await make(people.admin, "/teams", parentId=second)]
        answer = await client.delete("/teams", params={"id": ",".join(teams[place] for place in order)})
        assert answer.status_code == 204, answer.text
        assert (await client.get(f"/teams/{first}")).status_code == 404


async def test_a_row_that_another_refers_to_keeps_all(people: People) -> None:
    """A circle goes as far as the database lets it."""
    client = people.admin.client
    first, alone = await make(people.admin, "/teams"), await make(people.admin, "/teams")
    await make(people.admin, "/teams", parentId=first)
    assert (await client.delete("/teams", params={"id": f"{alone},{first}"})).status_code == 409
    assert (await client.get(f"/teams/{alone}")).status_code == 200
    itself = await make(people.admin, "/teams")
    assert (await client.patch(f"/teams/{itself}", json={"parentId": itself})).status_code == 200
    assert (await client.delete("/teams", params={"id": f"{itself},{alone}"})).status_code == 204


async def test_a_version_is_that_of_one_row(people: People) -> None:
    """A condition that the call can't check is refused, and nothing is deleted."""
    team = await make(people.admin, "/teams")
    answer = await people.admin.client.delete("/teams", params={"id": team}, headers={"If-Match": '"x"'})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert (await people.admin.client.get(f"/teams/{team}")).status_code == 200
