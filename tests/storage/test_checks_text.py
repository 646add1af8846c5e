"""SQL of a design as SQLAlchemy takes it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from gatewright.storage.checks import sql_text


@given(st.text(alphabet=":ab\\_1 [x'.", max_size=12))
def test_sql_reaches_the_database_as_it_stands(sql: str) -> None:
    """No part of it is read as a parameter, and no backslash is lost."""
    assert str(sql_text(sql).compile(dialect=sqlite.dialect())) == sql
    assert str(sql_text(sql).compile(dialect=postgresql.dialect())) == sql  # type: ignore[no-untyped-call]


def test_a_revision_has_no_escapes_that_nothing_needs() -> None:
    """People read it: the checks of moments on SQLite have colons."""
    assert sql_text("x GLOB '[0-2][0-9]:[0-5]*'").text == "x GLOB '[0-2][0-9]:[0-5]*'"
    assert sql_text("x = ':y' AND z::text = 'a'").text == "x = '\\:y' AND z::text = 'a'"
