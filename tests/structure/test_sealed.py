"""What is sealed is declared, so that it is encrypted again when `SECRET` rolls over: it would be lost otherwise."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from gatewright.selection import select

PACKAGE = Path(__file__).parents[2] / "src" / "gatewright"
# It encrypts again for any purpose: that of the column at hand.
_FOR_ALL = PACKAGE / "core" / "reencryption.py"


def sealing_calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a vault's `seal`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("vault.seal") and path != _FOR_ALL:
                yield path, node


def purpose_of(path: Path, call: ast.Call) -> object:
    """The value of its `purpose`: a text, or a constant of the module."""
    (given,) = [each.value for each in call.keywords if each.arg == "purpose"]
    if isinstance(given, ast.Constant):
        return given.value
    assert isinstance(given, ast.Name), f"{path}:{call.lineno}: the purpose should be a constant"
    module = path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".")
    return getattr(importlib.import_module(module), given.id)


def test_every_purpose_that_something_is_sealed_for_has_its_column() -> None:
    """In `core/reencryption.py`, or in `Feature.sealed`."""
    declared = {column.purpose for column in select().sealed}
    used = {purpose_of(path, call): path for path, call in sealing_calls()}
    assert "outbox" in used
    assert {purpose: path for purpose, path in used.items() if purpose not in declared} == {}
