"""A blog whose tables are related in every way: its design, and rows that people make in it."""

from __future__ import annotations

from typing import Any

from gatewright.design.document import Design
from tests.crud.conftest import Person
from tests.generator.designs import ID, completed

EVERYONE = dict.fromkeys(("list", "read"), "public")
THEIRS = dict.fromkeys(("list", "read", "update", "delete"), "owner")
NAME: dict[str, Any] = {"name": "name", "type": "String"}


def _reference(name: str, table: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": "String", "references": table, **keys}


_POST = _reference("postId", "Post", isRequired=True)
_TAGS = {"name": "tags", "type": "ManyToMany", "toTable": "Tag", "throughTable": "Tagging"}
_FRIENDS = {"name": "related", "type": "ManyToMany", "toTable": "Post"}


def blog() -> Design:
    """Posts with authors, tags, comments, and rows that belong to a user by their post."""
    return completed(
        {
            "name": "Post",
            "columns": [
                ID,
                NAME,
                _reference("authorId", "User", isRequired=True),
                _reference("teamId", "Team"),
                _reference("reviewerId", "User", isHidden=True, isInput=True),
            ],
            "relationships": [_TAGS, _FRIENDS],
            "access": {**EVERYONE, "create": "authenticated", "update": "owner", "ownerColumn": "authorId"},
        },
        {"name": "Tag", "columns": [ID, NAME], "access": EVERYONE},
        {
            "name": "Tagging",
            "columns": [
                {**_reference("postId", "Post"), "isPrimaryKey": True},
                {**_reference("tagId", "Tag"), "isPrimaryKey": True},
            ],
        },
        {
            "name": "Team",
            "columns": [
                ID,
                NAME,
                {**_reference("parentId", "Team"), "references": {"table": "Team", "onDelete": "restrict"}},
            ],
            "access": {"read": "authenticated"},
        },
        {
            "name": "Comment",
            "columns": [ID, NAME, _POST, _reference("writerId", "User")],
            "access": {**EVERYONE, "create": "authenticated"},
        },
        {
            "name": "Draft",
            "columns": [ID, NAME, _POST],
            "access": {**THEIRS, "create": "authenticated", "ownerColumn": "post.authorId"},
        },
        {
            "name": "Message",
            "columns": [ID, NAME, _POST],
            "access": {**THEIRS, "create": "public", "ownerColumn": "post.authorId"},
        },
        {
            "name": "Fact",
            "columns": [ID, NAME, _POST],
            "access": {**THEIRS, "create": ["owner", "role:EDITOR"], "ownerColumn": "post.authorId"},
        },
        {
            "name": "Answer",
            "columns": [ID, _reference("draftId", "Draft"), _reference("parentId", "Answer")],
            "access": {"create": "authenticated", "read": "authenticated"},
        },
    )


async def make(person: Person, path: str, **values: Any) -> str:
    """The id of a row that *person* makes."""
    answer = await person.client.post(path, json=values)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].rpartition("/")[2]
