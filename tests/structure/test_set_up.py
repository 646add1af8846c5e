"""The two commands that set everything up on a fresh machine, where a newcomer looks first."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST_SCREEN = 30
"""Lines of the README that a browser shows without scrolling."""


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_readmes_first_screen_has_the_command(command: str) -> None:
    """In a block to copy, before anything is said that a newcomer would have to read first."""
    screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:FIRST_SCREEN])
    blocks = re.findall(r"^```sh.*\n(?:.*\n)*?```$", screen, re.MULTILINE)
    assert any(re.search(rf"^{command}\b", block, re.MULTILINE) for block in blocks)


def test_ci_calls_the_same_tests_last() -> None:
    """Its closing line is pytest's."""
    lines = (ROOT / ".ci/run").read_text().split()
    assert lines[-2:] == ["make", "test"]


@pytest.mark.parametrize("target", ["run", "test", "test-extra", "test-all"])
def test_the_target_sets_itself_up(target: str) -> None:
    """In a clone without .venv, make would begin with the environment."""
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", target]
    planned = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "scripts/make_venv.sh" in planned
    assert planned.index("scripts/make_venv.sh") < planned.index("pip") < planned.rindex(".venv/bin/")
