# Written by "gatewright generate" from db.design.json. Tests of yours belong in tests/.
"""What `/refresh-tokens` does, and for whom."""

from __future__ import annotations

from app.generated.tests.people import People

PATH = "/refresh-tokens"

# Who makes a call, and the status that they get.
LIST = {"nobody": 401, "stranger": 403, "ADMIN": 200}


def test_who_may_list(people: People) -> None:
    """Others are refused."""
    assert {who: people(who).get(people.prefix + PATH).status_code for who in LIST} == LIST


def test_nobody_changes_it_here(people: People) -> None:
    """The engine's rows change through its own calls."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert people("ADMIN").request(method, people.prefix + PATH).status_code == 405


def test_what_is_hidden_cannot_be_found_out(people: People) -> None:
    """A hidden column can be neither sorted nor filtered by."""
    admin, path = people("ADMIN"), people.prefix + PATH
    for name in ["token"]:
        assert admin.get(path, params={"sort": name}).status_code == 422, name
        assert admin.get(path, params={f"filter[{name}]": "a"}).status_code == 422, name
