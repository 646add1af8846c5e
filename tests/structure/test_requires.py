"""A feature imports from those that it requires, and from others only where it works without them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from gatewright.selection import FEATURES

FOLDER = Path(__file__).parents[2] / "src" / "gatewright" / "features"
REQUIRES: Mapping[str, tuple[str, ...]] = {feature.name: feature.requires for feature in FEATURES}

# What the first does with the second while that one is on; `tests/test_selection.py` has each without the other.
OPTIONAL = {
    ("password", "invitations"): "registers with an invitation",
    ("reauthentication", "password"): "accepts the password as proof",
    ("account_pages", "password"): "has pages for registering and for a new password",
    ("account_pages", "invitations"): "shows whom an invitation is for",
    ("admin", "password"): "sends links for a new password",
    ("admin", "invitations"): "invites",
}


def imports_of(feature: str) -> Iterator[tuple[str, str]]:
    """Each import of another feature, with the file that makes it."""
    for path in sorted((FOLDER / feature).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gatewright.features."):
                yield str(node.module).split(".")[2], path.relative_to(FOLDER).as_posix()


def all_required(feature: str) -> set[str]:
    """What the feature requires, and what that requires."""
    return {feature}.union(*(all_required(each) for each in REQUIRES[feature]))


def test_a_feature_imports_only_what_it_requires() -> None:
    """Directly, or by way of what it requires: a feature that is not required can be switched off."""
    imported = {(feature, *each) for feature in REQUIRES for each in imports_of(feature)}
    others = {each for each in imported if each[1] not in all_required(each[0])}
    assert {each[:2] for each in others} == set(OPTIONAL), sorted(others)
