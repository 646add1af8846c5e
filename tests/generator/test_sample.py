"""The sample that `gatewright.crud` is tested with is what the generator writes."""

from __future__ import annotations

import json
from pathlib import Path

from gatewright.generator.model import app_view
from gatewright.generator.render import render
from tests.generator.designs import completed

SAMPLE = Path(__file__).parents[1] / "crud/sample"


def test_the_sample_is_generated() -> None:
    """Byte for byte, from its design."""
    tables = json.loads((SAMPLE / "db.design.json").read_text())["tables"]
    rendered = render(app_view(completed(*tables), "tests.crud.sample"))
    of_tests = {path for path in rendered.generated if path.startswith("tests/") or path == "ruff.toml"}
    assert {path: text for path, text in rendered.generated.items() if path not in of_tests} == _files("generated")
    assert rendered.modules == _files("modules")


def _files(folder: str) -> dict[str, bytes]:
    return {path.relative_to(SAMPLE / folder).as_posix(): path.read_bytes() for path in (SAMPLE / folder).rglob("*.py")}
