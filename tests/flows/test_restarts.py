"""One `Gatewright`, started again and again: in each test, in other event loops, after a start that failed."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.testclient import TestClient

from gatewright import CurrentUser, Gatewright, GatewrightMiddleware, InvalidToken, SetupError
from gatewright.core.engine_tables import built_in_design
from gatewright.core.keys import key_watch
from gatewright.core.lifetime import Lifetime, OtherEventLoop
from gatewright.migrations.apply import apply_all
from gatewright.migrations.histories import HISTORIES
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema
from gatewright.testing.mails import CapturedMails, deliver_all
from tests.conftest import make_settings
from tests.services import postgres

pytestmark = pytest.mark.both_databases

PASSWORD = "correct horse battery"


@pytest.fixture
def auth(migrated_url: str) -> Gatewright:
    return Gatewright(make_settings(migrated_url), mail_sender=CapturedMails())


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A database without tables; on SQLite not even a file."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    service = request.getfixturevalue("postgres_service")
    url = postgres.create_database(service)
    yield url
    postgres.drop_database(service, url)


def app_of(auth: Gatewright) -> FastAPI:
    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)

    @app.get("/whoami")
    def whoami(user: CurrentUser) -> str:
        return user.id

    return app


def register(client: TestClient, email: str) -> dict[str, Any]:
    body = {"email": email, "password": PASSWORD, "firstName": "John", "lastName": "Doe"}
    answer = client.post("/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['accessToken']}"}


def assert_nothing_runs() -> None:
    """No thread of Gatewright's goes on; those that end just now are waited for."""
    for thread in threading.enumerate():
        if thread.name.startswith("gatewright"):
            thread.join(10)
            assert not thread.is_alive(), thread.name


@asynccontextmanager
async def without_leftovers() -> AsyncIterator[None]:
    """What is begun in here has to be over at the end: tasks and threads."""
    yield
    assert asyncio.all_tasks() == {asyncio.current_task()}
    await asyncio.to_thread(assert_nothing_runs)


def test_one_app_serves_test_after_test(auth: Gatewright) -> None:
    """With a loop of its own each time: accounts, mails, the audit log and revocation work, and tokens go on."""
    app, headers = app_of(auth), []
    mails = auth.mail_sender
    assert isinstance(mails, CapturedMails)
    for number in range(3):
        with TestClient(app) as client:
            assert client.portal is not None
            headers.append(register(client, f"user{number}@example.com"))
            assert len({client.get("/whoami", headers=each).json() for each in headers}) == number + 1
            client.portal.call(deliver_all, auth.deliveries)
            assert mails.to(f"user{number}@example.com")
            ended = register(client, f"ended{number}@example.com")
            assert client.post("/auth/logout-all", headers=ended).status_code == 200
            assert client.get("/whoami", headers=ended).status_code == 401
        assert_nothing_runs()


def test_the_middleware_starts_again_too(auth: Gatewright) -> None:
    """As an app that is wrapped."""
    app = GatewrightMiddleware(FastAPI(), auth)
    for number in range(2):
        with TestClient(app) as client:
            headers = register(client, f"user{number}@example.com")
            assert client.get("/users/profile", headers=headers).status_code == 200


def test_each_run_of_a_loop_leaves_nothing_behind(auth: Gatewright) -> None:
    """Neither a task, nor a thread, nor a connection: what was written before a stop is sealed by then."""

    async def invoke() -> int:
        async with without_leftovers():
            await auth.start()
            context = auth.context()
            await context.audit.record("login.failed", outcome="failure")
            await auth.stop()
            await auth.start()
            events = auth.database.schema["gatewright_audit_events"]
            sealed = select(func.count()).select_from(events).where(events.c.number.is_not(None))
            row = await auth.database.read(lambda tx: tx.one(sealed))
            await auth.stop()
        assert row is not None
        return int(next(iter(row.values())))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        counts = [asyncio.run(invoke()) for _ in range(2)]
        gc.collect()
    assert counts == sorted(counts)
    assert counts[0] >= 1


def test_a_lookup_of_a_key_ends_with_the_server(auth: Gatewright, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that names an unknown key has it looked up; a stop does not wait for that, and leaves no task."""
    monkeypatch.setattr(key_watch, "LOOKUP_SECONDS", 3600.0)

    async def invoke() -> None:
        async with without_leftovers():
            await auth.start()
            keys = auth.kernel.keys
            assert keys is not None
            await keys.look_up("unknown")
            # The next one keeps its distance to that.
            lookup = asyncio.create_task(keys.look_up("another"))
            await asyncio.sleep(0)
            await auth.stop()
            with pytest.raises(asyncio.CancelledError):
                await lookup
            await asyncio.sleep(0)

    asyncio.run(invoke())


async def test_a_start_that_failed_is_followed_by_a_good_one(empty_url: str) -> None:
    """Without tables it names the command, each time; with them it starts. `stop` behind a failure does nothing."""
    auth = Gatewright(make_settings(empty_url, auto_migrate=False))
    async with without_leftovers():
        for _ in range(2):
            with pytest.raises(SetupError, match="gatewright migrate apply"):
                await auth.start()
            await auth.stop()
    await apply_all(open_database(empty_url, Schema(built_in_design())), HISTORIES)
    async with without_leftovers():
        async with auth.lifespan(None):
            assert auth.kernel.revocations.is_fresh
        with pytest.raises(RuntimeError, match="not been started"):
            _ = auth.kernel


@pytest.mark.parametrize("part", ["app.load_key_ring", "core.revocation.Revocations.start"])
async def test_a_start_that_fails_late_leaves_nothing_behind(
    auth: Gatewright, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Whatever was open by then is closed: the database, threads, tasks."""

    async def fail(*_: object) -> None:
        raise SetupError("no")

    async with without_leftovers():
        with monkeypatch.context() as patch:
            patch.setattr(f"gatewright.{part}", fail)
            with pytest.raises(SetupError, match="no"):
                await auth.start()
    async with without_leftovers(), auth.lifespan(None):
        assert auth.kernel.revocations.is_fresh


async def test_it_runs_until_as_many_stops_as_starts(auth: Gatewright) -> None:
    """Starts that are nested or come at once share what runs; one stop too many ends nothing later."""
    await asyncio.gather(auth.start(), auth.start(), auth.start())
    kernel = auth.kernel
    await auth.stop()
    await auth.start()
    await asyncio.gather(auth.stop(), auth.stop())
    assert auth.kernel is kernel
    await asyncio.gather(auth.stop(), auth.stop())
    async with auth.lifespan(None):
        await asyncio.gather(auth.stop(), auth.start())
        assert auth.kernel.revocations.is_fresh


def test_two_event_loops_at_once_get_one_message(auth: Gatewright) -> None:
    """The second start is refused, and the first goes on; then it is the second's turn.

    Where connections belong to a loop, so is each use from the second; SQLite's threads answer any.
    """
    app, uses_are_refused = app_of(auth), auth.database.needs_its_loop

    async def meet() -> str:
        with pytest.raises(OtherEventLoop) as first:
            await auth.start()
        with pytest.raises(OtherEventLoop):
            await auth.stop()
        with pytest.raises(OtherEventLoop if uses_are_refused else InvalidToken):
            await auth.verify("token")
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
            with pytest.raises(OtherEventLoop) if uses_are_refused else nullcontext():
                assert (await client.get("/whoami")).status_code == 401
        return str(first.value)

    with TestClient(app) as client:
        message = asyncio.run(meet())
        headers = register(client, "user@example.com")
        with pytest.raises(OtherEventLoop), TestClient(app):
            pass
        assert client.get("/whoami", headers=headers).status_code == 200
    assert message.startswith("This Gatewright runs in another event loop.")
    with TestClient(app) as client:
        assert client.get("/whoami", headers=headers).status_code == 200


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # of sockets whose loop is gone
def test_what_a_closed_loop_left_open_is_closed(auth: Gatewright, caplog: pytest.LogCaptureFixture) -> None:
    """A function that ended without `stop`: the next invocation starts afresh, and the log says so."""
    app = app_of(auth)
    asyncio.run(auth.start())
    with TestClient(app) as client:
        headers = register(client, "user@example.com")
        assert client.get("/whoami", headers=headers).status_code == 200
    assert "closed before Gatewright was stopped" in caplog.text
    gc.collect()


async def test_an_opening_that_is_cancelled_is_undone() -> None:
    """Also while others wait for it: they open it themselves."""
    opened: list[str] = []
    began = asyncio.Event()

    async def open_parts(parts: Any) -> None:
        parts.callback(opened.append, "closed")
        opened.append("opening")
        if not began.is_set():
            began.set()
            await asyncio.Event().wait()

    lifetime = Lifetime(open_parts)
    first, second = asyncio.create_task(lifetime.enter()), asyncio.create_task(lifetime.enter())
    await began.wait()
    first.cancel()
    await second
    await lifetime.leave()
    assert opened == ["opening", "closed", "opening", "closed"]
    assert first.cancelled()
