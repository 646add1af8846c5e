"""Running importers on the samples of other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gatewright.design.document import Design
from gatewright.design.importers.imported import Imported, Importer, SourceFile

FOLDER = Path(__file__).parent / "files"
EMPTY = Design(())


def sample(name: str) -> SourceFile:
    """A sample, copied from where the facts on other tools are kept."""
    return SourceFile(name, (FOLDER / name).read_text(encoding="utf-8"))


def run(importer: Importer, text: str, known: Design = EMPTY) -> Imported:
    return importer([SourceFile("dump.sql", text)], known)


def expected(name: str) -> dict[str, Any]:
    """The design and the notes that a sample gives."""
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return loaded
