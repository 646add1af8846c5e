"""Resources whose tables are in schemas of PostgreSQL."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gatewright import Gatewright, crud
from gatewright import app as app_module
from gatewright.design.document import Design
from gatewright.testing import FakeClock
from tests.conftest import make_settings
from tests.crud.conftest import People
from tests.crud.packages import write_package
from tests.generator.designs import ID, completed

PACKAGE = "placed_app"
OWNER: dict[str, Any] = {"name": "ownerId", "type": "String", "references": "User"}
ALL = dict.fromkeys(("list", "read", "create", "update", "delete"), "owner")
CODE = {"name": "code", "type": "String", "isUnique": True}


def _table(name: str, schema: str, *columns: dict[str, Any], **keys: Any) -> dict[str, Any]:
    access = {"ownerColumn": "ownerId", **ALL}
    found = {"name": name, "dbName": "papers", "dbSchema": schema, "columns": [ID, OWNER, CODE, *columns]}
    return {**found, "access": access, **keys}


TABLES = [
    _table("Paper", "desk", {"name": "parentId", "type": "String", "references": "Paper"}),
    _table(
        "OldPaper",
        "archive",
        {"name": "paperId", "type": "String", "references": {"table": "Paper", "onDelete": "restrict"}},
        checks=[{"name": "code is old", "expression": "code <> 'new'"}],
        indexes=[{"columns": ["ownerId", "code"]}],
    ),
    {
        "name": "Memo",
        "dbSchema": "desk",
        "columns": [ID, {"name": "aboutId", "type": "String", "references": "User"}],
        "access": dict.fromkeys(("list", "read", "create", "delete"), "authenticated"),
        "softDelete": True,
        "audit": True,
    },
]


@pytest.fixture(scope="module")
def placed() -> Design:
    """Two tables of one name, in two schemas, of which one refers to the other; and one whose changes are recorded."""
    return completed(*TABLES)


@pytest.fixture(scope="module")
def package(placed: Design, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `gatewright generate` writes for them, ready for import."""
    folder = tmp_path_factory.mktemp("generated")
    write_package(folder, placed, PACKAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield PACKAGE


@pytest.fixture
def routers(package: str) -> list[crud.Router]:
    """Its generated routes."""
    return [importlib.import_module(f"{package}.generated.routers").router]


@pytest.fixture
async def auth(
    postgres_template_copy: str, placed: Design, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gatewright]:
    """A started Gatewright with these tables."""
    monkeypatch.setattr(app_module, "design_of", lambda _folder: placed)
    gatewright = Gatewright(make_settings(postgres_template_copy, roles={"EDITOR": {}}), clock=FakeClock())

    def make(connection: sa.Connection) -> None:
        for name in ("desk", "archive"):
            connection.execute(sa.schema.CreateSchema(name))
        gatewright.database.schema.metadata.create_all(connection)

    await gatewright.database.migrate(make)
    async with gatewright.lifespan(None):
        yield gatewright


async def test_each_resource_works_on_the_table_of_its_schema(people: People, auth: Gatewright) -> None:
    """Rows, references across schemas and to the own table, refusals with their reasons, and rights."""
    client = people.owner.client
    paper = (await client.post("/papers", json={"code": "a"})).json()
    child = await client.post("/papers", json={"code": "b", "parentId": paper["id"]})
    assert child.status_code == 201
    old = await client.post("/old-papers", json={"code": "a", "paperId": paper["id"]})
    assert old.status_code == 201, old.text
    assert [row["code"] for row in (await client.get("/old-papers?sort=code")).json()["data"]] == ["a"]
    assert (await client.patch(f"/papers/{paper['id']}", json={"code": "c"})).json()["code"] == "c"
    taken = await client.post("/old-papers", json={"code": "a"})
    assert (taken.status_code, taken.json()["detail"]) == (409, "There is already a row with this code.")
    checked = await client.post("/old-papers", json={"code": "new"})
    assert checked.json()["detail"] == 'The row fails the check "code is old".'
    strange = await people.other.client.post("/old-papers", json={"code": "x", "paperId": paper["id"]})
    assert strange.status_code == 422
    kept = await client.delete(f"/papers/{paper['id']}")
    assert (kept.status_code, kept.json()["detail"]) == (409, "Other rows refer to this one.")
    assert await auth.database.find_faults(list(auth.database.schema.metadata.tables.values())) == []


async def test_a_deleted_row_of_a_schema_is_kept_and_its_changes_are_recorded(people: People, auth: Gatewright) -> None:
    """By the table's name in the design, as events about the user whom the row names, so that an erasure finds them."""
    memo = (await people.owner.client.post("/memos", json={"aboutId": people.owner.id})).json()
    url = f"/memos/{memo['id']}"
    assert (await people.owner.client.delete(url)).status_code == 204
    assert (await people.owner.client.get(url)).status_code == 404
    assert (await people.admin.client.post(f"{url}/restore")).status_code == 200
    events = auth.database.schema["gatewright_audit_events"]
    found = sa.select(events).where(events.c.event.startswith("row."))
    logged = await auth.database.read(lambda tx: tx.all(found))
    assert {row["event"] for row in logged} == {"row.created", "row.deleted", "row.restored"}
    assert {(row["details"]["table"], row["subject_id"]) for row in logged} == {("Memo", people.owner.id)}
