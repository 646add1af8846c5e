"""What OWASP ASVS 5.0 wants to have written down is written down, and is so (docs/security/authentication.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatewright.design.document import CALLS, Column
from gatewright.design.kinds import keys_of
from gatewright.design.rules import RULE_PATTERN
from gatewright.features.login.settings import LoginSettings
from gatewright.selection import Settings
from gatewright.settings import describe
from gatewright.settings.sections import LimitSettings
from scripts.reference import openapi_document

DOCS = Path(__file__).parents[2] / "docs"
TOKENS = {"accessToken", "access_token", "refreshToken", "refresh_token"}


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    """One section of a page, its lines joined."""
    return " ".join(page(name).partition(f"## {heading}\n")[2].partition("\n## ")[0].split())


def rows(text: str) -> list[list[str]]:
    """The rows of a page's tables, cell by cell."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def calls_that_give_tokens() -> Iterator[str]:
    document = openapi_document()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            bodies = [body["schema"] for answer in answers for body in answer.get("content", {}).values()]
            if any(TOKENS & names_in(body, document) for body in bodies):
                yield f"{method.upper()} {path}"


def names_in(schema: dict[str, Any], document: dict[str, Any]) -> set[str]:
    """The names of the properties of a body, whatever it may be one of."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    parts = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, [])]
    return set(schema.get("properties", {})).union(*(names_in(part, document) for part in parts))


def test_every_way_to_tokens_is_documented() -> None:
    """6.1.3 and 6.3.4: a call that answers with tokens is on the page, and what is on the page does."""
    table = page("security/authentication.md").partition("## Ways in\n")[2].partition("do not sign the user in")[0]
    documented = [row[0].strip("`") for row in rows(table)[2:]]
    assert sorted(documented) == sorted(calls_that_give_tokens())
    assert all(len(row) == 4 and all(row) for row in rows(table)), "each with what it proves and what guards it"


@pytest.mark.parametrize("part", [LoginSettings, LimitSettings])
def test_the_limits_are_documented_as_they_are(part: type[LoginSettings | LimitSettings]) -> None:
    """6.1.1: how guessing is slowed down, with the setting and the figure of each limit, and how the owner gets in."""
    text = page("how-to/rate-limits.md")
    units = {"m": "minutes", "h": "hours"}
    for row in describe(part):
        assert f"{row.name}`" in text, f"{row.name} is not on the page"
        limit = next((cells[1] for cells in rows(text) if f"{row.name}`" in cells[-1]), "")
        figure = re.sub(r"^(\d+)([mh])$", lambda found: f"{found[1]} {units[found[2]]}", row.default)
        assert row.name == "device_ttl" or re.search(rf"\b{figure}\b", limit), f"{row.name} is {figure}, not {limit!r}"
    assert "does not keep its owner out" in " ".join(text.split())


def test_the_words_that_count_for_nothing_are_documented() -> None:
    """6.1.2: where they come from; test_asvs_accounts.py has that they are used."""
    text = section("security/authentication.md", "Words that count for nothing in a password")
    for word in ("`[mail] app_name`", "`PUBLIC_URL`", "address", "names"):
        assert word in text


def test_the_life_of_a_session_is_documented_as_it_is() -> None:
    """7.1.1: each setting with its default, and why the defaults are not those of NIST SP 800-63B."""
    defaults = {row.name.upper(): row.default for row in describe(Settings)}
    text = page("security/authentication.md").partition("## How long")[2]
    documented = {cells[0].strip("`"): cells[1] for cells in rows(text)[2:]}
    assert documented.keys() >= {"ACCESS_TOKEN_TTL", "REFRESH_TOKEN_TTL", "SESSION_MAX_AGE", "RECENT_AUTH"}
    assert documented == {name: defaults[name] for name in documented}
    assert "NIST SP 800-63B" in text


def test_how_many_sessions_there_may_be_is_documented() -> None:
    """7.1.2: there is no most; test_asvs_accounts.py has that it is so."""
    assert "there is no most" in section("security/authentication.md", "How many sessions an account has")


def test_every_rule_of_access_is_documented() -> None:
    """8.1.1: who may make which call on which rows; a rule that the design takes is on the page."""
    text = page("how-to/access-rules.md")
    rules = re.sub(r"\[.*?\]\*?", "", RULE_PATTERN.strip("^$()")).replace("role:", "role:NAME")
    plain = [rule for rule in rules.split("|") if not rule.startswith("permission")]
    assert plain == ["none", "public", "authenticated", "owner", "role:NAME"]
    assert [rule for rule in plain if f"| `{rule}`" not in text] == []
    assert [call for call in CALLS if call not in text] == []
    assert "`ownerColumn`" in text


def test_every_rule_for_a_column_is_documented() -> None:
    """8.1.2: what is never shown, what clients cannot set, and what they may set of their own account."""
    text = page("how-to/design-tables.md")
    rules = {key.name for key in keys_of(Column) if "lient" in key.description or "leaves" in key.description}
    assert rules == {"isHidden", "isReadOnly", "isInput"}
    assert [rule for rule in rules if f"`{rule}`" not in text] == []
