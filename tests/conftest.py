"""What every test can ask for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, FastAPI

from gatewright import Account, CurrentAccount, CurrentUser, Gatewright, OptionalUser, Settings, require_role
from gatewright.addresses import address_key, parse_address
from gatewright.core import revocation
from gatewright.core.audit.log import Origin
from gatewright.core.audit.sealer import AuditSealer
from gatewright.core.context import Context
from gatewright.core.engine_tables import built_in_design
from gatewright.core.mail.deliveries import Deliveries
from gatewright.features.admin import service as admin
from gatewright.features.login import service as login
from gatewright.features.login.proof import Proof
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from gatewright.testing import FakeClock
from tests.services import postgres

pytest_plugins = ["tests.services.plugin"]

SECRET = "a secret of tests: 0123456789 abcdefghijklmnop"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the developer's own settings, or leaves a file in the repository."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_service: str) -> Iterator[str]:
    """A migrated PostgreSQL database to copy."""
    url = postgres.create_database(postgres_service)
    _migrate(url)
    yield url
    postgres.drop_database(postgres_service, url)


@pytest.fixture
def sqlite_template_copy(sqlite_template: Path, tmp_path: Path) -> Path:
    """A SQLite file with the built-in design's tables."""
    return Path(shutil.copy(sqlite_template, tmp_path / "gatewright.db"))


@pytest.fixture
def postgres_template_copy(postgres_service: str, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the built-in design's tables; for tests with `postgresql` in their name."""
    url = postgres.create_database(postgres_service, postgres_template)
    yield url
    postgres.drop_database(postgres_service, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the built-in design's tables, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('sqlite_template_copy')}"
    return str(request.getfixturevalue("postgres_template_copy"))


@pytest.fixture
def settings(migrated_url: str) -> Settings:
    """The default settings of a development machine, on a database of its own. Hashes are as cheap as allowed."""
    return make_settings(migrated_url)


@pytest.fixture
def without_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers poll, look for mails and seal events whether or not there are calls: not where statements are counted."""

    async def nothing(_self: object) -> int:
        return 0

    monkeypatch.setattr(revocation, "POLL_SECONDS", 3600.0)
    monkeypatch.setattr(Deliveries, "deliver_due", nothing)
    monkeypatch.setattr(AuditSealer, "seal", nothing)


@pytest.fixture
async def running(settings: Settings) -> AsyncIterator[Gatewright]:
    """A started Gatewright whose clock is moved by hand."""
    auth = Gatewright(settings, clock=FakeClock())
    async with auth.lifespan(None):
        yield auth


@pytest.fixture
def context(running: Gatewright) -> Context:
    """What services work with, as for a request from somewhere."""
    return running.context(Origin(request_id="request-of-a-test", ip_address="192.0.2.1", user_agent="test"))


@pytest.fixture
def auth_app(settings: Settings) -> FastAPI:
    """The app under test: the README's example."""
    return example_app(Gatewright(settings))


def make_settings(database_url: str, **changes: Any) -> Settings:
    """Settings of a development machine; hashes are as cheap as allowed."""
    given: dict[str, Any] = {
        "environment": "development",
        "secret": SECRET,
        "database_url": database_url,
        "argon2": {"memory_kib": 7168, "iterations": 1},
        **changes,
    }
    return Settings(**given)


def example_app(auth: Gatewright) -> FastAPI:
    """An app with routes of its own behind every kind of guard."""
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/reports")
    async def reports(user: CurrentUser) -> dict[str, Any]:
        return {"id": user.id, "role": user.role, "session": user.session_id, "amr": user.amr}

    @app.get("/me")
    def me(account: CurrentAccount) -> Account:
        return account

    @app.get("/maybe")
    async def maybe(user: OptionalUser) -> dict[str, Any]:
        return {"id": user.id if user else None}

    @app.get("/admin/stats", dependencies=[Depends(require_role("ADMIN"))])
    async def stats() -> dict[str, bool]:
        return {"ok": True}

    return app


def _migrate(url: str) -> None:
    async def migrate() -> None:
        await apply_all(open_database(url, Schema(built_in_design())), HISTORIES)

    asyncio.run(migrate())


async def add_account(context: Context, email: str = "user@example.com", role: str = "USER") -> Account:
    """A new account, as an administrator would make it."""
    return await admin.create(
        context,
        email=parse_address(email),
        password_text="securepassword",
        first_name="John",
        last_name="Doe",
        role=role,
    )


async def sign_in(context: Context, account: Account) -> login.Login:
    """A new session of *account*, as after its password."""
    done = await login.complete(context, Proof(account, address_key(account.email), ("pwd",)))
    assert isinstance(done, login.Login)
    return done
