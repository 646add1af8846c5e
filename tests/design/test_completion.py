"""Joining a design with the engine's tables."""

from __future__ import annotations

from typing import Any

import pytest

from gatewright.design.completion import complete
from gatewright.design.document import OnDelete
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.problems import DesignError
from gatewright.design.reading import read_design
from tests.design.documents import ENGINE, ID, TUTORIAL, column, design, problems_of, table, text


def _completed(*tables: dict[str, Any]) -> Any:
    return complete(read_design(text(*tables), engine=ENGINE), ENGINE)


def _user(*columns: dict[str, Any], **keys: object) -> dict[str, Any]:
    return table("User", column("email", isRequired=True, isUnique=True), *columns, **keys)


def test_the_tutorials_design_is_completed() -> None:
    """Its columns stay in their places, and what the engine sets the key of follows."""
    completed = complete(import_javascript(TUTORIAL, engine=ENGINE), ENGINE)
    user = completed.table("User")
    assert [each.name for each in completed.tables] == ["User", "RefreshToken", "EmailVerification"]
    assert [each.name for each in user.columns][:4] == ["id", "email", "password", "firstName"]
    assert user.columns[-1].name == "emailKey"
    assert all(each.is_system for each in user.columns)
    assert completed.table("RefreshToken").column("generation").is_system
    assert not completed.table("EmailVerification").is_system


def test_missing_tables_are_added() -> None:
    """A design of one table has the engine's beside it, marked."""
    completed = _completed(table("Post", column("authorId", references="User")))
    assert [each.name for each in completed.tables] == ["Post", "User", "RefreshToken"]
    assert [each.is_system for each in completed.tables] == [False, True, True]


def test_completing_again_changes_nothing() -> None:
    """The completed design agrees with the engine."""
    completed = _completed(_user(column("phone", isInput=True)))
    assert complete(completed, ENGINE) == completed


def test_null_is_the_engines_to_decide() -> None:
    """An account may have no password and no name, whatever the design says."""
    user = _completed(
        _user(
            column("password", isRequired=True),
            column("firstName", isRequired=True),
            column("lastName", isRequired=True),
        )
    ).table("User")
    assert not user.column("password").is_not_null
    assert not user.column("firstName").is_not_null
    assert not user.column("lastName").is_not_null
    assert user.column("emailKey").is_not_null


def test_secret_columns_are_hidden_and_read_only() -> None:
    """The design can't show what the engine hides, and what is hidden can't be set."""
    for user in (_completed(_user(column("password"))), _completed(table("Post"))):
        for name in ("password", "emailKey"):
            assert user.table("User").column(name).is_hidden
            assert user.table("User").column(name).is_read_only
    assert _completed(_user(column("password", isHidden=False))).table("User").column("password").is_hidden


def test_own_columns_on_user_stay() -> None:
    """They are the design's, in their order, and not the system's."""
    user = _completed(_user(column("phone", isInput=True, isRequired=True), column("bio", "Text"))).table("User")
    assert [each.name for each in user.columns][2:4] == ["phone", "bio"]
    assert not user.column("phone").is_system
    assert user.column("phone").is_not_null


def test_words_and_indexes_of_the_design_stay() -> None:
    """What harms nothing is the design's to say; an index that both have is there once."""
    completed = _completed(
        _user(
            column("role", isIndexed=True, isHidden=True, description="Which role.", example="EDITOR"),
            description="Somebody.",
            indexes=[{"columns": ["email", "role"]}],
        ),
        table(
            "RefreshToken",
            column("userId", references="User"),
            column("createdAt", "DateTime"),
            indexes=[{"columns": ["userId", "createdAt"]}],
        ),
    )
    role = completed.table("User").column("role")
    assert (role.is_indexed, role.is_hidden, role.is_read_only) == (True, True, True)
    assert (role.description, role.example, role.default_value) == ("Which role.", "EDITOR", "USER")
    assert completed.table("User").description == "Somebody."
    assert len(completed.table("User").indexes) == 1
    assert len(completed.table("RefreshToken").indexes) == 1


def test_the_engine_decides_what_goes_with_an_account() -> None:
    """A reference without a word about deleting takes the engine's."""
    token = _completed(table("RefreshToken", column("userId", isRequired=True, references="User"))).table(
        "RefreshToken"
    )
    assert token.column("userId").on_delete is OnDelete.CASCADE


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            table("User", column("email", "Text", isRequired=True)),
            [
                'columns[1].type: the engine needs User.email as String; write "type": "String"',
                'columns[1].isUnique: the engine needs User.email to be unique; write "isUnique": true',
            ],
        ),
        (
            {"name": "User", "columns": [{"name": "id", "type": "String"}, column("uid", isPrimaryKey=True)]},
            [
                'columns[0].isPrimaryKey: the engine needs User.id to be the primary key; write "isPrimaryKey": true',
                "columns[1].isPrimaryKey: the engine sets the key of User; leave isPrimaryKey out",
            ],
        ),
        (
            table("User", column("role", isInput=True)),
            ["columns[1].isInput: User.role is an engine column; leave isInput out"],
        ),
        (
            table("User", column("role", defaultValue="ADMIN")),
            ['columns[1].defaultValue: User.role is an engine column; leave defaultValue out, or write "USER"'],
        ),
        (
            table("User", column("isEmailVerified", "Boolean", defaultValue="true")),
            [
                "columns[1].defaultValue: User.isEmailVerified is an engine column; "
                "leave defaultValue out, or write false"
            ],
        ),
        (
            table("User", column("role", isUnique=True)),
            ["columns[1].isUnique: the engine needs User.role not to be unique; leave isUnique out"],
        ),
        (
            table("User", column("password", maxLength=20)),
            ["columns[1].maxLength: User.password is an engine column; leave maxLength out"],
        ),
        (
            table("User", column("firstName", maxLength=1)),
            ["columns[1].maxLength: User.firstName has at least 2 characters; write minLength as well"],
        ),
        (
            table("User", column("email_key")),
            [
                "columns[1].name: User.email_key is email_key in the database, like the engine column User.emailKey; "
                "rename it"
            ],
        ),
        (
            table("User", column("phone", isRequired=True)),
            [
                "columns[1].isRequired: the engine writes User and has no value for User.phone; "
                'add a defaultValue, or "isInput": true'
            ],
        ),
        (
            table("RefreshToken", column("device", isRequired=True)),
            [
                "columns[1].isRequired: the engine writes RefreshToken and has no value for RefreshToken.device; "
                "add a defaultValue"
            ],
        ),
        (
            table("RefreshToken", column("userId")),
            [
                'columns[1].references: the engine needs RefreshToken.userId to reference "User"; '
                'write "references": "User"'
            ],
        ),
        (
            table("RefreshToken", column("userId", references={"table": "User", "onDelete": "setNull"})),
            [
                "columns[1].references.onDelete: RefreshToken.userId is an engine column, and the engine sets "
                "onDelete; leave it out"
            ],
        ),
        (
            table("User", access={"read": "public"}),
            ["access: User is an engine table, which ADMIN reads and the engine writes; leave access out"],
        ),
        (
            table("User", softDelete=True, dbName="accounts"),
            [
                "softDelete: the engine deletes the rows of User; leave softDelete out",
                "dbName: the engine needs the name users in the database for User; leave dbName out",
            ],
        ),
    ],
)
def test_a_clash_names_the_column_and_what_to_change(raw: dict[str, Any], expected: list[str]) -> None:
    """Reading and completing say the same, all at once."""
    expected = [f"tables[0].{line}" for line in expected]
    assert problems_of(raw, engine=ENGINE) == expected


def test_completing_refuses_a_clash_that_reading_did_not_look_for() -> None:
    """Whoever reads without the engine's tables meets the clash here."""
    read = design(table("User", column("role", isInput=True)))
    with pytest.raises(DesignError, match=r"tables\[0\]\.columns\[1\]\.isInput"):
        complete(read, ENGINE)


def test_nobody_becomes_admin_by_design_of_another_table() -> None:
    """The tutorial's key under another name is no way round: each engine table has its name once."""
    assert problems_of(table("User"), {"name": "User", "columns": [ID]}, engine=ENGINE)
    assert problems_of({"name": "users", "columns": [ID]}, engine=ENGINE)
