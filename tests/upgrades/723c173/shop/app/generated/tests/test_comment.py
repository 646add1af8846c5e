# Written by "gatewright generate" from db.design.json. Tests of yours belong in tests/.
"""What `/comments` does, and for whom."""

from __future__ import annotations

from app.generated.tests import rows
from app.generated.tests.people import People

PATH = "/comments"
CHANGEABLE = ["text"]

# Who makes a call, and the status that they get.
LIST = {"nobody": 401, "stranger": 200, "owner": 200, "ADMIN": 200}
READ = {"nobody": 401, "stranger": 404, "owner": 200, "ADMIN": 200}
CREATE = {"nobody": 401, "stranger": 201, "owner": 201, "ADMIN": 201}
UPDATE = {"nobody": 401, "stranger": 404, "owner": 200, "ADMIN": 200}
DELETE = {"nobody": 401, "stranger": 404, "owner": 204, "ADMIN": 204}


def test_a_row_is_made_read_listed_changed_and_deleted(people: People) -> None:
    """An administrator may do everything."""
    admin, body = people("ADMIN"), rows.comment_body(people)
    made = people.make(PATH, body, "ADMIN")
    assert body.items() <= made.row.items()
    assert admin.get(made.url).json() == made.row
    assert made.row in admin.get(people.prefix + PATH).json()["data"]
    change = {name: body[name] for name in CHANGEABLE}
    assert admin.patch(made.url, json=change).status_code == 200
    assert admin.delete(made.url).status_code == 204
    assert admin.get(made.url).status_code == 404


def test_who_may_list(people: People) -> None:
    """A list holds what its reader may see, and nothing else."""
    made = rows.make_comment(people, "owner")
    answers = {who: people(who).get(people.prefix + PATH) for who in LIST}
    assert {who: answer.status_code for who, answer in answers.items()} == LIST
    seers = [who for who, answer in answers.items() if made.row in answer.json().get("data", [])]
    assert seers == ["owner", "ADMIN"]


def test_who_may_read(people: People) -> None:
    """Rows of others are not found."""
    made = rows.make_comment(people, "owner")
    assert {who: people(who).get(made.url).status_code for who in READ} == READ


def test_who_may_create(people: People) -> None:
    """Others are refused."""
    bodies = {who: rows.comment_body(people) for who in CREATE}
    answers = {who: people(who).post(people.prefix + PATH, json=body) for who, body in bodies.items()}
    assert {who: answer.status_code for who, answer in answers.items()} == CREATE


def test_who_may_update(people: People) -> None:
    """Rows of others are not found."""
    made = rows.make_comment(people, "owner")
    change = {name: made.row[name] for name in CHANGEABLE if name in made.row}
    assert {who: people(who).patch(made.url, json=change).status_code for who in UPDATE} == UPDATE


def test_who_may_delete(people: People) -> None:
    """Rows of others are not found, and stay."""
    for who, status in DELETE.items():
        made = rows.make_comment(people, "owner")
        assert people(who).delete(made.url).status_code == status, who
        assert people("ADMIN").delete(made.url).status_code == (404 if status == 204 else 204), who


def test_what_is_not_theirs_clients_cannot_set(people: People) -> None:
    """Such a field is refused like one that does not exist."""
    body = rows.comment_body(people)
    for name in ["id", "authorId", "createdAt"]:
        answer = people("ADMIN").post(people.prefix + PATH, json={**body, name: None})
        assert answer.status_code == 422, name
        assert [error["code"] for error in answer.json()["errors"]] == ["unknown_field"], name
