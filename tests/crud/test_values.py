"""Values of every type: what a database can keep comes back as it was, and all else is refused before it gets there."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from gatewright import Gatewright, crud
from tests.crud.conftest import People, faults

DAY = {"date": "2026-01-31"}

# What each column takes, and how it comes back where that differs.
KEPT: list[tuple[str, Any, Any]] = [
    ("date", "0001-01-01", ...),
    ("date", "9999-12-31", ...),
    ("time", "23:59:59.999999", ...),
    ("time", "00:00:00", ...),
    ("datetime", "2026-01-31T12:00:00Z", ...),
    ("datetime", "2026-01-31T12:00:00.123456+02:00", "2026-01-31T10:00:00.123456Z"),
    ("datetime", "2026-01-31t12:00:00z", "2026-01-31T12:00:00Z"),
    ("datetime", "0001-01-01T00:00:00Z", ...),
    ("datetime", "9999-12-31T00:00:00Z", ...),
    ("datetime", "9999-12-31T23:59:59.999999Z", ...),
    ("seats", 1, ...),
    ("seats", 500, ...),
    ("number", 2**31 - 1, ...),
    ("number", 5.0, 5),
    ("number", -(2**31), ...),
    ("visitors", 2**63 - 1, ...),
    ("visitors", -(2**63), ...),
    ("rating", 0.1, ...),
    ("rating", 1.7976931348623157e308, ...),
    ("rating", 5e-324, ...),
    ("rating", 3, 3.0),
    ("decimal", "12345.6789", "12345.6789000000"),
    ("decimal", "-0.0000000001", ...),
    ("decimal", 0.1, "0.1000000000"),
    ("decimal", "10000000000000000000", "10000000000000000000.0000000000"),
    ("isOpen", False, ...),
    ("bytes", "", ...),
    ("bytes", "AAECAwQFBgcICQoLDA0ODw==", ...),
    ("str", "", ...),
    ("str", " é😀\u200d👩 \u0639\u0644\u06cc\u200c\u0631'\"\\%_;-- ", ...),
    ("token", "12345678-1234-5678-1234-56781234ABCD", "12345678-1234-5678-1234-56781234abcd"),
    ("data", {"a": [1, 2.5, "x", None, True, {"b": []}]}, ...),
    ("data", [], ...),
    ("data", "", ...),
    ("data", 0, ...),
    ("data", False, ...),
    ("data", 2**63 - 1, ...),
    ("data", 0.30000000000000004, ...),
    ("data", "5", ...),
    ("time", None, ...),
    ("str", None, ...),
]

REFUSED: list[tuple[str, Any, str]] = [
    ("date", "2026-02-30", "invalid_format"),
    ("date", "2026-1-1", "invalid_format"),
    ("date", "20260131", "invalid_format"),
    ("date", "2026-01-31T00:00:00Z", "invalid_format"),
    ("date", "\uff12026-01-31", "invalid_format"),
    ("date", 20260131, "invalid_type"),
    ("date", None, "invalid_type"),
    ("time", "24:00:00", "invalid_format"),
    ("time", "12:00", "invalid_format"),
    ("time", "12:00:00Z", "invalid_format"),
    ("time", 5, "invalid_type"),
    ("datetime", "2026-01-31T12:00:00", "invalid_format"),
    ("datetime", "2026-01-31", "invalid_format"),
    ("date", "0000-01-01", "invalid_format"),
    ("date", "10000-01-01", "invalid_format"),
    ("datetime", "0001-01-01T00:00:00+14:00", "out_of_range"),
    ("datetime", "9999-12-31T23:59:59.999999-00:01", "out_of_range"),
    ("datetime", "2026-01-31T12:00:60Z", "invalid_format"),
    ("datetime", 1700000000, "invalid_type"),
    ("datetime", "1700000000", "invalid_format"),
    ("seats", 0, "out_of_range"),
    ("seats", 501, "out_of_range"),
    ("number", 2**31, "out_of_range"),
    ("number", -(2**31) - 1, "out_of_range"),
    ("number", 10**30, "out_of_range"),
    ("number", "5", "invalid_type"),
    ("number", 1.5, "invalid_type"),
    ("number", True, "invalid_type"),
    ("visitors", 2**63, "out_of_range"),
    ("visitors", 1e300, "out_of_range"),
    ("visitors", -(2**63) - 1, "out_of_range"),
    ("visitors", None, "invalid_type"),
    ("rating", "0.1", "invalid_type"),
    ("rating", True, "invalid_type"),
    ("rating", 10**400, "invalid_type"),
    ("decimal", "1e999999999", "out_of_range"),
    ("decimal", "0.00000000001", "out_of_range"),
    ("decimal", "1" * 21, "out_of_range"),
    ("decimal", "NaN", "out_of_range"),
    ("decimal", "Infinity", "out_of_range"),
    ("decimal", "x", "invalid_type"),
    ("decimal", True, "invalid_type"),
    ("decimal", "1" * 5000, "out_of_range"),
    ("isOpen", 1, "invalid_type"),
    ("isOpen", "true", "invalid_type"),
    ("isOpen", None, "invalid_type"),
    ("bytes", "not base64!", "invalid_format"),
    ("bytes", "A", "invalid_format"),
    ("bytes", "AAAAAAAAAAAAAAAAAAAAAAAA", "too_long"),
    ("bytes", 5, "invalid_type"),
    ("str", "a\0b", "invalid_characters"),
    *(
        ("str", f"a{char}b", "invalid_characters")
        for char in "\x01\t\n\r\x1b\x7f\x85\u2028\u202e\u2066\u200b\u2060\ufeff"
    ),
    ("str", 5, "invalid_type"),
    ("str", ["a"], "invalid_type"),
    ("token", "nonsense", "invalid_format"),
    ("token", "{12345678-1234-5678-1234-567812345678}", "invalid_format"),
    ("token", 5, "invalid_type"),
    ("data", None, "invalid_type"),
    ("data", 2**63, "out_of_range"),
    ("data", [{"a": 10**30}], "out_of_range"),
    ("data", "\0", "invalid_characters"),
]


@pytest.mark.both_databases
async def test_what_is_taken_comes_back_as_it_was(people: People) -> None:
    """From the answer to the create, and from a read: the extremes of every type."""
    for field, value, expected in KEPT:
        made = await people.admin.client.post("/sessions", json={**DAY, field: value})
        assert made.status_code == 201, (field, value, made.text)
        wanted = value if expected is ... else expected
        read = await people.admin.client.get(made.headers["location"])
        assert made.json()[field] == read.json()[field] == wanted, field
        assert made.headers["etag"] == read.headers["etag"], field
        emptied = await people.admin.client.patch(made.headers["location"], json={field: value})
        assert emptied.json()[field] == wanted


@pytest.mark.both_databases
async def test_what_a_column_can_t_hold_is_refused(people: People) -> None:
    """At create and at update alike: 422 with the field and why, never a fault of the server's."""
    made = await people.admin.client.post("/sessions", json=DAY)
    for field, value, code in REFUSED:
        content = json.dumps({**DAY, field: value})
        headers = {"Content-Type": "application/json"}
        for method, path in (("POST", "/sessions"), ("PATCH", made.headers["location"])):
            answer = await people.admin.client.request(method, path, content=content, headers=headers)
            assert faults(answer) == {f"/{field}": code}, (field, value)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ('{"date": "2026-01-31", "rating": NaN}', 400),
        ('{"date": "2026-01-31", "rating": 1e999}', 422),
        ('{"date": "2026-01-31", "data": [Infinity]}', 400),
        ('{"date": "2026-01-31", "data": ' + "[" * 200 + "]" * 200 + "}", 422),
        ('{"date": "2026-01-31", "data": ' + "[" * 100_000 + "]" * 100_000 + "}", 400),
        ('{"date": "2026-01-31", "data": {"a\\u0000": 1}}', 422),
        ('{"date": "2026-01-31", "data": {"\\ud800": 1}}', 400),
        ('{"date": "2026-01-31", "number": ' + "1" * 5000 + "}", 400),
        ('{"date": "2026-01-31", "number": 1, "number": "x"}', 422),
        ("[]", 422),
        ("null", 422),
        ("", 422),
        ('"x"', 422),
        ("{", 400),
    ],
)  # fmt: skip
@pytest.mark.both_databases
async def test_bodies_of_any_kind_are_no_fault_of_the_server(people: People, content: str, status: int) -> None:
    """What is no JSON is 400, what is not the call's is 422."""
    headers = {"Content-Type": "application/json"}
    answer = await people.admin.client.post("/sessions", content=content, headers=headers)
    assert answer.status_code == status, answer.text


async def test_digits_that_sqlite_would_round_are_refused_there(people: People, migrated_url: str) -> None:
    """PostgreSQL keeps 30 digits, SQLite 15: a number is stored exactly or not at all, and filters alike."""
    exact = "12345678901234567890.1234567890"
    made = await people.admin.client.post("/sessions", json={**DAY, "decimal": exact})
    found = await people.admin.client.get("/sessions", params={"filter[decimal]": exact})
    if migrated_url.startswith("sqlite"):
        assert (made.status_code, found.status_code) == (422, 422)
        assert "digits" in made.json()["detail"]
    else:
        assert made.json()["decimal"] == exact
        assert len(found.json()["data"]) == 1


@pytest.mark.both_databases
async def test_limits_of_the_design_hold(people: People) -> None:
    """Lengths, patterns, choices and bounds."""
    good = {"title": "x" * 200, "slug": "a-1", "body": "é" * 20_000, "status": "archived", "price": "99999999.99"}
    assert (await people.owner.client.post("/posts", json=good)).status_code == 201
    bad = {
        "title": "",
        "slug": "No Slug",
        "body": "x" * 20_001,
        "status": "nonsense",
        "price": "-0.01",
    }
    assert faults(await people.owner.client.post("/posts", json=bad)) == {
        "/title": "too_short",
        "/slug": "invalid_format",
        "/body": "too_long",
        "/status": "invalid_choice",
        "/price": "out_of_range",
    }
    assert faults(await people.owner.client.post("/posts", json={})) == {"/title": "required"}


async def test_no_message_repeats_what_was_sent(people: People) -> None:
    """A value may be a secret, and a log or a screen keeps messages."""
    for text in ("s3cr3t", "s3cr3t\0"):
        body = dict.fromkeys(("date", "number", "str", "token", "bytes"), text)
        answer = await people.admin.client.post("/sessions", json=body)
        assert answer.status_code == 422
        assert "s3cr3t" not in answer.text


async def test_an_answer_does_not_grow_with_a_body_s_faults(people: People) -> None:
    """A hundred are told, whether the fields are unknown or their texts can't be kept."""
    unknown = {f"a~/{i}": 1 for i in range(5_000)}
    answer = await people.owner.client.post("/posts", json={"title": "x", **unknown})
    assert faults(answer) == {f"/a~0~1{i}": "unknown_field" for i in range(100)}
    answer = await people.owner.client.post("/posts", json={"title": "x", "tags": ["\0"] * 5_000})
    assert (len(faults(answer)), set(faults(answer).values())) == (100, {"invalid_characters"})


@pytest.mark.parametrize(("field", "value"), [("date", "9999-12-31"), ("date", "0001-01-01")])
@pytest.mark.both_databases
async def test_the_first_and_the_last_day_are_days_in_the_database(
    people: People, auth: Gatewright, field: str, value: str
) -> None:
    """Not PostgreSQL's infinity: other programs read what was sent, a filter finds it, and what they write is read."""
    moment = f"{value}T23:59:59.999999Z" if value.startswith("9") else f"{value}T00:00:00Z"
    made = await people.admin.client.post("/sessions", json={field: value, "datetime": moment})
    stored = "SELECT CAST(date AS text), CAST(datetime AS text) FROM sessions"
    texts = await auth.database.read(lambda tx: tx.connection.exec_driver_sql(stored).one())
    assert [text[:10] for text in texts] == [value, value]
    for query in (f"filter[date]={value}", f"filter[datetime]={moment}"):
        found = (await people.admin.client.get(f"/sessions?{query}")).json()["data"]
        assert [row["uuid"] for row in found] == [made.json()["uuid"]]
    await auth.database.write(lambda tx: tx.connection.exec_driver_sql(f"UPDATE sessions SET date = '{value}'"))
    assert (await people.admin.client.get(made.headers["location"])).json()["date"] == value


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
async def test_infinity_is_read_as_the_last_day(people: People, auth: Gatewright) -> None:
    """Other programs may have stored it."""
    made = await people.admin.client.post("/sessions", json={"date": "2026-01-31"})
    for infinity, date, moment in (
        ("infinity", "9999-12-31", "9999-12-31T23:59:59.999999Z"),
        ("-infinity", "0001-01-01", "0001-01-01T00:00:00Z"),
    ):
        change = sa.text(f"UPDATE sessions SET date = '{infinity}', datetime = '{infinity}'")
        await auth.database.write(partial(crud.Transaction.run, statement=change))
        row = (await people.admin.client.get(made.headers["location"])).json()
        assert (row["date"], row["datetime"]) == (date, moment)


async def test_all_problems_of_a_body_are_told_at_once(people: People) -> None:
    """Also where one of them is a NUL, which is looked for before anything else."""
    body = {"date": "nonsense", "str": "a\0b", "seats": 0, "nonsense": 1, "data": {"x": "\0"}}
    expected = {
        "/date": "invalid_format",
        "/str": "invalid_characters",
        "/seats": "out_of_range",
        "/nonsense": "unknown_field",
        "/data/x": "invalid_characters",
    }
    assert faults(await people.admin.client.post("/sessions", json=body)) == expected


@pytest.mark.both_databases
async def test_a_longer_text_has_lines_and_tabs_and_no_other_control_characters(people: People) -> None:
    """As people type them on every system."""
    for text in ("a\n\tb\n", "a\r\nb", "\u202eolleh", "😀"):
        made = await people.owner.client.post("/posts", json={"title": "x", "body": text})
        assert (made.status_code, made.json().get("body")) == (201, text)
    for text in ("\x01", "a\rb", "a\x0cb", "\x1b[31m", "\x9b", "\u2028"):
        answer = await people.owner.client.post("/posts", json={"title": "x", "body": text})
        assert faults(answer) == {"/body": "invalid_characters"}, text


@pytest.mark.both_databases
async def test_texts_that_are_older_than_the_rules_are_read_found_and_paged(people: People, auth: Gatewright) -> None:
    """Rules are for what comes in: what stands in the database is answered, filtered by and passed by cursors."""
    for title in ("a", "b", "c"):
        await people.owner.client.post("/posts", json={"title": title})
    old = sa.text("UPDATE posts SET title = title || :tail")
    await auth.database.write(lambda tx: tx.connection.execute(old, {"tail": "\t\u200b\n"}))
    found = (await people.owner.client.get("/posts", params={"filter[title]": "a\t\u200b\n"})).json()["data"]
    assert [row["title"] for row in found] == ["a\t\u200b\n"]
    seen, cursor = 0, ""
    while cursor is not None:
        page = (await people.owner.client.get("/posts", params={"sort": "title", "limit": 1, "cursor": cursor})).json()
        seen, cursor = seen + len(page["data"]), page["pagination"]["nextCursor"]
    assert seen == 3


@pytest.mark.both_databases
async def test_null_is_kept_where_a_column_with_a_default_allows_it(people: People) -> None:
    """A value that is left out is the default, and null is null: at create, at update, and in what comes back."""
    client = people.admin.client
    left_out = (await client.post("/sessions", json=DAY)).json()
    assert left_out["waiting"] == 0
    created = await client.post("/sessions", json={**DAY, "waiting": None})
    assert (created.status_code, created.json()["waiting"]) == (201, None)
    changed = await client.patch(f"/sessions/{left_out['uuid']}", json={"waiting": None})
    assert (changed.status_code, changed.json()["waiting"]) == (200, None)
    refused = await client.post("/sessions", json={**DAY, "isOpen": None})
    assert refused.status_code == 422
