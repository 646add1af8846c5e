"""The matrix of access rules for rows that come with others: each rule, way and caller."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from gatewright import crud
from gatewright.design.document import Design
from tests.crud.conftest import People
from tests.crud.packages import write_package
from tests.crud.related.blog import make
from tests.generator.designs import ID, completed

pytestmark = pytest.mark.both_databases

PACKAGE = "ruled_leaves"
CALLERS = ("anonymous", "other", "owner", "editor", "admin")
# Who may read the row of the owner.
READERS: dict[str, tuple[Any, set[str]]] = {
    "None": ("none", {"admin"}),
    "Public": ("public", set(CALLERS)),
    "Authenticated": ("authenticated", set(CALLERS) - {"anonymous"}),
    "Owner": ("owner", {"owner", "admin"}),
    "Path": ("owner", {"owner", "admin"}),
    "Role": ("role:EDITOR", {"editor", "admin"}),
    "Permission": ("permission:posts:write", {"editor", "admin"}),
    "Several": (["owner", "role:EDITOR"], {"owner", "editor", "admin"}),
}


def _reference(name: str, table: str, **keys: Any) -> dict[str, Any]:
    return {"name": name, "type": "String", "references": {"table": table, "anyRow": True}, **keys}


def _leaf(name: str, rule: Any) -> dict[str, Any]:
    owner = "mine.userId" if name == "Path" else "userId"
    return {
        "name": f"Leaf{name}",
        "columns": [
            ID,
            _reference("hubId", "Hub"),
            _reference("userId", "User"),
            _reference("mineId", "Mine", isRequired=True),
        ],
        "access": {"list": rule, "read": rule, "create": "authenticated", "ownerColumn": owner},
    }


@pytest.fixture(scope="module")
def ruled_design() -> Design:
    """A hub that everyone reads, a table for each rule whose rows hang on it, and one that refers to all of them."""
    everyone = dict.fromkeys(("list", "read"), "public")
    mine = {
        "columns": [ID, _reference("userId", "User")],
        "access": {"create": "authenticated", "ownerColumn": "userId"},
    }
    pointers = [_reference(f"leaf{name}Id", f"Leaf{name}") for name in READERS]
    return completed(
        {"name": "Hub", "columns": [ID], "access": everyone},
        {"name": "Mine", **mine},
        *(_leaf(name, rule) for name, (rule, _) in READERS.items()),
        {"name": "Pointer", "columns": [ID, _reference("hubId", "Hub"), *pointers], "access": everyone},
    )


@pytest.fixture(scope="module")
def package(ruled_design: Design, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its generated code, ready for import."""
    folder = tmp_path_factory.mktemp("generated")
    write_package(folder, ruled_design, PACKAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield PACKAGE


@pytest.fixture
def design(ruled_design: Design) -> Design:
    """The design that is served."""
    return ruled_design


@pytest.fixture
def routers(package: str) -> list[crud.Router]:
    """Its generated routes."""
    return [importlib.import_module(f"{package}.generated.routers").router]


async def test_each_rule_holds_in_each_way_to_a_row(people: People) -> None:
    """As one row, in a list, behind another relation, and in the list of the relation."""
    hub, mine = await make(people.admin, "/hubs"), await _row_of(people)
    leaves = {name: await make(people.owner, f"/leaf-{_path(name)}", hubId=hub, mineId=mine) for name in READERS}
    values = {f"leaf{name}Id": leaf for name, leaf in leaves.items()}
    pointer = await make(people.admin, "/pointers", hubId=hub, **values)
    for name, (_, readers) in READERS.items():
        one, many = f"leaf{name}", f"leaf{_plural(name)}"
        for who in CALLERS:
            client = getattr(people, who).client
            include = {"include": f"{one},hub.{many}"}
            for path in (f"/pointers/{pointer}", "/pointers"):
                answer = (await client.get(path, params=include)).json()
                row = answer if path != "/pointers" else answer["data"][0]
                seen = {row[one] is not None, bool(row["hub"][many])}
                assert seen == {who in readers}, (name, who, path)
            hubs = (await client.get("/hubs", params={"include": many})).json()["data"]
            assert bool(hubs[0][many]) == (who in readers), (name, who)
            listed = await client.get(f"/hubs/{hub}/leaf-{_path(name)}")
            rows = listed.json().get("data", []) if listed.status_code == 200 else []
            assert ([row["id"] for row in rows] == [leaves[name]]) == (who in readers), (name, who)


async def _row_of(people: People) -> str:
    return await make(people.owner, "/mines")


def _plural(name: str) -> str:
    return {"Several": "Severals"}.get(name, f"{name}s")


def _path(name: str) -> str:
    return _plural(name).lower()
