"""Tables are made once each, and those of the app when they are asked for."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.design.completion import complete
from gatewright.design.document import Design
from gatewright.design.reading import read_design
from gatewright.storage.schema import Schema


def _chain(length: int) -> Design:
    """Tables that each refer to the one before, the first one to itself; users refer to the second one."""
    key = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
    tables: list[dict[str, Any]] = [
        {"name": f"Link{i}", "columns": [key, {"name": "toId", "type": "String", "references": f"Link{max(i - 1, 0)}"}]}
        for i in range(length)
    ]
    tables.append({"name": "User", "columns": [key, {"name": "linkId", "type": "String", "references": "Link1"}]})
    fragments = engine_tables()
    return complete(read_design(json.dumps({"tables": tables}), engine=fragments), fragments)


def _made(schema: Schema) -> set[str]:
    return {name for name in schema._metadata.tables if name.startswith("link")}


def test_a_start_makes_the_tables_of_sign_ins_alone() -> None:
    """With what they refer to, so that joins find it; others come with the first question, at any depth."""
    schema = Schema(_chain(600))
    assert _made(schema) == {"link0s", "link1s"}
    (reference,) = schema["User"].c.link_id.foreign_keys
    assert reference.column.table is schema["Link1"]
    last = schema["Link599"]
    assert len(_made(schema)) == 600
    (reference,) = last.c.to_id.foreign_keys
    assert reference.column.table is schema["Link598"]


def test_the_metadata_has_every_table() -> None:
    """Whatever was asked for before: migrations and checks go by it."""
    schema = Schema(_chain(5))
    before = schema["Link3"]
    assert len(schema.metadata.tables) == len(schema.kernel_tables) + len(schema.design.tables)
    assert schema.metadata.tables["link3s"] is before is schema["Link3"]
    assert {table.name for table in schema.engine_tables} > {"users", "refresh_tokens", "email_verifications"}
    assert not {table.name for table in schema.kernel_tables} & {table.database_name for table in schema.design.tables}


def test_threads_that_ask_at_once_get_one_table(request: pytest.FixtureRequest) -> None:
    """Transactions run in threads."""
    interval = sys.getswitchinterval()
    # Threads take turns in the middle of everything.
    request.addfinalizer(lambda: sys.setswitchinterval(interval))
    sys.setswitchinterval(1e-6)
    design = _chain(4)
    for _ in range(10):
        schema, together = Schema(design), Barrier(4)

        def ask(number: int, schema: Schema = schema, together: Barrier = together) -> int:
            together.wait()
            return id(schema[f"Link{number}"])

        with ThreadPoolExecutor(4) as threads:
            found = set(threads.map(ask, [3, 3, 2, 3]))
        assert found == {id(schema["Link3"]), id(schema["Link2"])}
