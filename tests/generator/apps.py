"""Apps in temporary folders, as `gatewright init` leaves them, as far as the generator needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gatewright
from gatewright.design.files import load_complete_design
from gatewright.generator.run import Outcome, generate
from gatewright.migrations.make import make as make_revision
from tests.generator.designs import fragments, write

SOURCE = Path(gatewright.__file__).parents[1]

_SETTINGS = """
[roles.EDITOR]

[argon2]
memory_kib = 7168
iterations = 1
"""
_CONFTEST = '''"""The app under test, on a database of its own."""

from __future__ import annotations

import asyncio
import os
import pathlib

import pytest
from fastapi import FastAPI
from gatewright import Gatewright, Settings
from gatewright.selection import open_database_of
from gatewright.core.engine_tables import design_of
from gatewright.http.service_app import make_service_app
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import histories_of
from sqlalchemy import Connection

from app.generated.routers import router

HERE = pathlib.Path()


def settings_for(url: str) -> Settings:
    """Settings of a development machine."""
    secret = "a secret of tests: 0123456789 abcdefghijklmnop"
    return Settings(
        environment="development",
        secret=secret,
        database_url=url,
        rate_limit_enabled=False,
        auto_migrate=False,
    )


def empty(url: str) -> None:
    """Remove all rows."""
    database = open_database_of(settings_for(url), design_of(HERE))

    def work(connection: Connection) -> None:
        for table in reversed(database.schema.metadata.sorted_tables):
            connection.execute(table.delete())

    asyncio.run(database.migrate(work))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a migrated database."""
    folder = tmp_path_factory.mktemp("prepared")
    url = os.environ.get("TEST_URL") or f"sqlite:///{folder}/test.db"
    database = open_database_of(settings_for(url), design_of(HERE))
    asyncio.run(apply_all(database, histories_of(HERE)))
    return url


@pytest.fixture
def auth_app(prepared: str) -> FastAPI:
    """The app with every table of the design, none of which holds a row."""
    empty(prepared)
    auth = Gatewright(settings_for(prepared))
    app = make_service_app(auth, auth.lifespan)
    app.include_router(router)
    return app
'''


def make_app(folder: Path, *tables: dict[str, Any]) -> Outcome:
    """An app with a design of *tables*, generated."""
    write(folder, *tables)
    (folder / "gatewright.toml").write_text(_SETTINGS, encoding="utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n",
        encoding="utf-8",
    )
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests/__init__.py").touch()
    (folder / "tests/conftest.py").write_text(_CONFTEST, encoding="utf-8")
    make_revision(folder, load_complete_design(folder, fragments()), "first tables")
    return generate(folder, fragments)


def run(folder: Path, *command: str, **variables: str) -> str:
    """Run a program in an app's folder, and give back all that it said; it has to succeed."""
    path = os.pathsep.join(filter(None, (str(SOURCE), variables.pop("PYTHONPATH", ""))))
    environment = {**os.environ, "PYTHONPATH": path, "MYPYPATH": str(SOURCE), **variables}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
