"""`check_resource` on a table that keeps deleted rows: each part of `softDelete` that is missing is named."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Gatewright, crud
from gatewright import app as app_module
from gatewright.generator.model import app_view
from gatewright.generator.render import render
from gatewright.http.problems import answer_with_problems
from gatewright.storage.schema import Schema
from gatewright.testing import AsUser, BrokenContract, FakeClock, check_resource
from tests.conftest import make_settings
from tests.generator.designs import ID, completed

PACKAGE = "checked_keeping_app"
OWNER = {"name": "ownerId", "type": "String", "references": {"table": "User", "onDelete": "restrict"}}
MEMO = {
    "name": "Memo",
    "columns": [ID, OWNER, {"name": "title", "type": "String", "isRequired": True, "isUnique": True}],
    "access": {
        **dict.fromkeys(("read", "update", "delete"), "owner"),
        **dict.fromkeys(("list", "create"), "authenticated"),
        "ownerColumn": "ownerId",
    },
    "softDelete": True,
}
Serve = Callable[..., None]


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Gatewright]]:
    """An app without routes of its own, on a database with the table, and the table's code ready for import."""
    folder = tmp_path_factory.mktemp("checked")
    design = completed(MEMO)
    for path, content in render(app_view(design, PACKAGE)).generated.items():
        file = folder / PACKAGE / "generated" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (folder / PACKAGE / "__init__.py").touch()
    database = shutil.copy(sqlite_template, folder / "checked.db")
    with pytest.MonkeyPatch.context() as patches:
        patches.syspath_prepend(str(folder))
        patches.setattr(app_module, "design_of", lambda _folder: design)
        auth = Gatewright(make_settings(f"sqlite:///{database}", rate_limit_enabled=False), clock=FakeClock())
        app = FastAPI(lifespan=auth.lifespan)
        answer_with_problems(app)
        auth.install(app)
        with TestClient(app) as client:
            assert client.portal is not None
            client.portal.call(auth.database.migrate, Schema(design).metadata.create_all)
            yield client, auth


@pytest.fixture
def as_user(running: tuple[TestClient, Gatewright]) -> AsUser:
    return AsUser(*running)


@pytest.fixture
def serve(running: tuple[TestClient, Gatewright]) -> Iterator[Serve]:
    """Serves the table until the test ends, with other classes in place of the generated ones."""
    app: Any = running[0].app
    before = list(app.router.routes)

    def add(service: Any = None) -> None:
        router = crud.Router(tags=["memos"])
        generated("router").MemoResource(service or generated("service").MemoService()).add_to(router)
        app.include_router(router)

    yield add
    app.router.routes[:] = before


def generated(module: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.generated.memo.{module}")


def broken(as_user: AsUser) -> list[str]:
    """What the check says of a resource that breaks its contract."""
    with pytest.raises(BrokenContract) as caught:
        check_resource(as_user, "Memo")
    return str(caught.value).splitlines()[1:]


def test_a_resource_that_keeps_deleted_rows_passes(as_user: AsUser, serve: Serve) -> None:
    """As generated."""
    serve()
    check_resource(as_user, "Memo")


def test_rows_that_are_deleted_for_good_are_named(as_user: AsUser, serve: Serve) -> None:
    """Code that does not know of the key, as generated before it was set."""

    class Repository(generated("service").MemoRepository):  # type: ignore[misc]
        deleted_at = None

    class Service(generated("service").MemoService):  # type: ignore[misc]
        repository = Repository()

    serve(Service())
    found = broken(as_user)
    assert any(line.startswith("Memo.softDelete: GET /memos/") and line.endswith("404, not 200.") for line in found)
    assert any(line.startswith("Memo.softDelete: POST /memos/") and "/restore by ADMIN" in line for line in found)


def test_deleted_rows_that_others_reach_are_named(
    as_user: AsUser, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To read them and to restore them is for administrators."""
    for module in ("access", "calls", "service"):
        monkeypatch.setattr(f"gatewright.crud.{module}.require_admin", lambda _user: None)
    serve()
    found = broken(as_user)
    assert any("with deleted=true by another user answered 404, not 403" in line for line in found)
    assert any("/restore by an anonymous client answered 200, not 401" in line for line in found)


def test_a_restore_that_restores_nothing_is_named(as_user: AsUser, serve: Serve) -> None:
    """An answer alone does not bring the row back."""

    class Repository(generated("service").MemoRepository):  # type: ignore[misc]
        def restore(self, tx: Any, key: Any, **_options: Any) -> Any:
            return self.get(tx, key, crud.Scope(deleted=True))

    class Service(generated("service").MemoService):  # type: ignore[misc]
        repository = Repository()

    serve(Service())
    assert any(line.endswith("of a restored row answered 404, not 200.") for line in broken(as_user))
