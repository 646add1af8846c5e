"""The reference pages are what the code says."""

from __future__ import annotations

import pytest

from gatewright.design.document import RuleKind
from scripts import reference


@pytest.mark.parametrize("name", reference.ALL)
def test_a_reference_page_is_current(name: str) -> None:
    """Whoever changes the code runs `make docs`; this is what notices when nobody did."""
    written = (reference.PAGES / name).read_text("utf-8")
    assert written == reference.render(reference.ALL[name]), f"docs/reference/{name} is stale. Run: make docs"


def test_the_check_finds_nothing_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python scripts/reference.py --check` is what a hook can call."""
    monkeypatch.setattr("sys.argv", ["reference.py", "--check"])
    before = {path: path.stat().st_mtime_ns for path in reference.PAGES.iterdir()}
    assert reference.main() == 0
    assert {path: path.stat().st_mtime_ns for path in reference.PAGES.iterdir()} == before


def test_every_reference_page_is_made_from_the_code() -> None:
    """No page of that folder is written by hand, or left over."""
    assert {path.name for path in reference.PAGES.iterdir()} == set(reference.ALL)


def test_every_access_rule_is_in_the_reference() -> None:
    """Each by the form that a design has it in, and `none`, which stands for no rule."""
    assert {rule.partition(":")[0] for rule in reference.RULES} == {"none", *RuleKind}
