"""What is hidden can't be read in any other way: not by sorting, filtering, searching or paging, and by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright import Gatewright
from gatewright.design.naming import kebab_plural
from tests.crud.conftest import People, Person, sample_design

HIDDEN = [
    (f"/{kebab_plural(table.name)}", column.name, column.database_name, table.database_name)
    for table in sample_design().tables
    for column in table.columns
    if column.is_hidden
]
SPELLINGS = ("{}", " {}", "{}::text", "title,{}", "users.{}", "[{}]")
OPERATORS = ("", "[eq]", "[ne]", "[gt]", "[gte]", "[lt]", "[lte]", "[in]", "[contains]", "[isNull]", "[like]")


@pytest.fixture
async def rows(people: People) -> list[dict[str, Any]]:
    """Posts. The sessions of the people fill the engine's tables; nothing sends mails yet."""
    created = [await people.owner.client.post("/posts", json={"title": f"post {number}"}) for number in range(3)]
    return [answer.json() for answer in created]


def test_the_sample_hides_what_the_engine_keeps() -> None:
    """The other tests here look at hashes, tokens and normalised addresses, and at a column of the design's own."""
    assert {(path, name) for path, name, _, _ in HIDDEN} >= {
        ("/users", "password"),
        ("/users", "emailKey"),
        ("/refresh-tokens", "token"),
        ("/email-verifications", "token"),
        ("/posts", "moderationNote"),
    }


@pytest.mark.usefixtures("rows")
async def test_it_is_neither_sorted_nor_filtered_by(people: People) -> None:
    """Not even by ADMIN; each answer is, letter by letter, that for a column that does not exist."""
    parameters = [("sort", f"{sign}{spelling}") for spelling in SPELLINGS for sign in ("", "-")]
    parameters += [(f"filter[{{}}]{operator}", "true") for operator in OPERATORS]
    for path, name, stored, _ in HIDDEN:
        for parameter, value in parameters:
            unknown = await _answer(people.admin, path, parameter, value, "nonsense")
            assert unknown[0] == 422
            for word in {name, stored}:
                assert await _answer(people.admin, path, parameter, value, word) == unknown, (path, parameter, word)


async def _answer(person: Person, path: str, parameter: str, value: str, word: str) -> tuple[int, str]:
    """What comes of a query with *word* in it, but for the word itself."""
    answer = await person.client.get(path, params={parameter.format(word): value.format(word)})
    body = answer.json()
    body.pop("requestId", None)
    return answer.status_code, str(body).replace(word, "…")


@pytest.mark.usefixtures("rows")
async def test_it_is_not_searched(people: People, auth: Gatewright) -> None:
    """No part of a value finds a row, where every row has it."""
    for path, _, stored, table in HIDDEN:
        if stored == "disabled_at":
            continue
        # Unique, as the engine wants them; the needle is nowhere else.
        statement = f"UPDATE {table} SET {stored} = 'needle$' || id"
        await _run(auth, statement)
        assert path == "/email-verifications" or (await people.admin.client.get(path)).json()["data"]
        for text in ("needle$", "eedl", "$"):
            answer = await people.admin.client.get(path, params={"search": text})
            assert (answer.status_code, answer.json()["data"]) == (200, []), (path, stored)


async def _run(auth: Gatewright, statement: str) -> None:
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(statement))


async def test_it_is_in_no_answer(people: People, rows: list[dict[str, Any]]) -> None:
    """Lists, rows, and what comes back of a change."""
    changed = await people.owner.client.patch(f"/posts/{rows[0]['id']}", json={"title": "x"})
    assert changed.status_code == 200
    for path, name, stored, _ in HIDDEN:
        listed = (await people.admin.client.get(path)).json()["data"]
        found = [(await people.admin.client.get(f"{path}/{row['id']}")).json() for row in listed]
        for row in (*listed, *found, *rows, changed.json()):
            assert not {name, stored} & row.keys(), path
