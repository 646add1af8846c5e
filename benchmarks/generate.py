"""How long does `generate` take for 500 tables? Asked by itself: `python -m benchmarks.generate [TABLES]`.

The goal: under 5 s for all of them, under 0.5 s for an unchanged design. Loading Python and the command line
comes on top, and is measured by `start_up`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gatewright.core.engine_tables import engine_tables
from gatewright.generator.run import generate

TYPES = ("String", "Text", "Int", "DateTime", "Boolean", "Decimal", "Json")
ACCESS = {
    "list": "owner",
    "read": ["owner", "role:EDITOR"],
    "create": "authenticated",
    "update": "owner",
    "delete": "owner",
    "ownerColumn": "ownerId",
}


def main(number: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        app = Path(name)
        (app / "app").mkdir()
        tables = [table(i) for i in range(number)]
        say(f"{number} tables, nothing there", app, tables)
        say("an unchanged design", app, tables)
        tables[number // 2]["columns"].append({"name": "another", "type": "Int"})
        say("one new column", app, tables)


def say(what: str, app: Path, tables: list[dict[str, Any]]) -> None:
    (app / "db.design.json").write_text(json.dumps({"tables": tables}), encoding="utf-8")
    print(f"{what:<32} {seconds(lambda: generate(app, engine_tables)):6.2f} s")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(number: int) -> dict[str, Any]:
    """A table of ten columns, with a reference to the one before it."""
    columns: list[dict[str, Any]] = [
        {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"},
        {"name": "ownerId", "type": "String", "isRequired": True, "references": "User"},
        *({"name": f"column{i}", "type": kind} for i, kind in enumerate(TYPES)),
    ]
    if number:
        columns.append({"name": "parentId", "type": "String", "references": f"Table{number - 1}"})
    return {"name": f"Table{number}", "columns": columns, "access": ACCESS}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
