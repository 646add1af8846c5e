# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""Rows for tests. What a row refers to is made along with it."""

from __future__ import annotations

from typing import Any

from app.generated.tests.people import Made, People


def comment_body(people: People) -> dict[str, Any]:
    """What a row of `comments` can be made from."""
    return {
        "text": "Some text",
        "paperId": make_paper(people).row["id"],
    }


def make_comment(people: People, who: str = "ADMIN") -> Made:
    """A row of `comments` that somebody made."""
    return people.make("/comments", comment_body(people), who)


def paper_body(people: People) -> dict[str, Any]:
    """What a row of `papers` can be made from."""
    return {
        "title": "Some title",
        "isDraft": True,
        "dueOn": "2026-01-31",
        "costPrice": "1.00",
    }


def make_paper(people: People, who: str = "ADMIN") -> Made:
    """A row of `papers` that somebody made."""
    return people.make("/papers", paper_body(people), who)
