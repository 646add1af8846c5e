"""Defaults of generated models."""

from __future__ import annotations

import re
import uuid

from gatewright import crud


def test_a_uuid7_says_when_it_was_made_and_nothing_else() -> None:
    """Version 7 and the variant of RFC 9562 section 5.7; the rest is random, so two never meet."""
    made = [crud.uuid7() for _ in range(1000)]
    assert {(each.version, each.variant) for each in made} == {(7, uuid.RFC_4122)}
    assert len(set(made)) == 1000
    assert [each.int >> 80 for each in made] == sorted(each.int >> 80 for each in made)
    assert uuid.UUID(crud.uuid7_text()).version == 7
    assert uuid.UUID(crud.uuid4_text()).version == 4


def test_a_ulid_sorts_by_the_time_of_its_making() -> None:
    """26 characters of Crockford's alphabet, the first ten of them the time."""
    made = [crud.ulid() for _ in range(1000)]
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", each) for each in made)
    assert [each[:10] for each in made] == sorted(each[:10] for each in made)
    assert len(set(made)) == 1000
