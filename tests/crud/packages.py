"""Packages of generated code that a test module serves."""

from __future__ import annotations

from pathlib import Path

from gatewright.design.document import Design
from gatewright.generator.model import app_view
from gatewright.generator.render import render


def write_package(folder: Path, design: Design, name: str) -> None:
    """Write what `gatewright generate` makes of *design* as the package *name* in *folder*, ready for import."""
    rendered = render(app_view(design, name))
    for part, files in (("generated", rendered.generated), ("modules", rendered.modules)):
        for path, content in files.items():
            file = folder / name / part / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    (folder / name / "__init__.py").touch()
