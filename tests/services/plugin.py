"""The databases that tests run on: SQLite, and one PostgreSQL server for the whole run.

The server is started by the process that hands out the tests, once it is known that one of them needs it: its id
says so, with `postgresql` in it. Processes that run tests (those of pytest-xdist) read where it is from a file.
`TEST_POSTGRES_URL` names a server to use instead; without either, those tests are skipped, and in CI (`CI=true`)
the run fails.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.services import postgres
from tests.services.binaries import PostgresUnavailable

_HANDOFF = "TEST_SERVICES_OF_GATEWRIGHT"


class Services:
    """What this run has started. Lives in the process that hands out the tests, not in its workers."""

    def __init__(self) -> None:
        handle, path = tempfile.mkstemp(prefix="gatewright-services-")
        os.close(handle)
        self._handoff = Path(path)
        self._server: postgres.PostgresService | None = None
        self._known = False
        self._missing = ""

    def pytest_configure(self) -> None:
        """Tell the workers where to look."""
        os.environ[_HANDOFF] = str(self._handoff)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start what the collected tests need, when this process runs them itself."""
        if not session.config.getoption("collectonly"):
            self._start_for(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """Start what the collected tests need, before a worker gets the first of them."""
        self._start_for(ids)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say in one line what was left out."""
        if self._missing:
            terminalreporter.write_line(f"PostgreSQL tests skipped: {self._missing}", yellow=True)

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        if self._server is not None:
            self._server.stop()
        self._handoff.unlink(missing_ok=True)
        del os.environ[_HANDOFF]

    def _start_for(self, ids: Iterable[str]) -> None:
        if self._known or not any("postgresql" in nodeid for nodeid in ids):
            return
        self._known = True
        self._handoff.write_text(json.dumps(self._postgres()))

    def _postgres(self) -> dict[str, str]:
        given = os.environ.get("TEST_POSTGRES_URL")
        if given:
            return {"url": given}
        try:
            self._server = postgres.start()
        except PostgresUnavailable as reason:
            if os.environ.get("CI") == "true":
                pytest.exit(f"CI has to test on PostgreSQL, but {reason}", returncode=1)
            self._missing = str(reason)
            return {"missing": self._missing}
        except RuntimeError as failure:
            pytest.exit(str(failure), returncode=1)
        return {"url": self._server.url}


def pytest_configure(config: pytest.Config) -> None:
    """Take charge of the services, in the one process that is nobody's worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Services(), "gatewright-services")


@pytest.fixture(scope="session")
def postgres_service() -> str:
    """The maintenance database of the run's PostgreSQL server, as a URL; skips where there is no server."""
    state: dict[str, Any] = json.loads(Path(os.environ[_HANDOFF]).read_text() or "{}")
    if "missing" in state:
        pytest.skip(state["missing"])
    if "url" not in state:
        pytest.fail("A test that uses PostgreSQL needs `postgresql` in its id: take postgres_url or database_url.")
    return str(state["url"])


@pytest.fixture(params=["postgresql"])
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh, empty database in PostgreSQL, as `postgresql://…`; dropped after the test."""
    with _fresh_database(request) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty database, once in SQLite (`sqlite:///…`) and once in PostgreSQL (`postgresql://…`)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gatewright.db'}"
        return
    with _fresh_database(request) as url:
        yield url


@contextmanager
def _fresh_database(request: pytest.FixtureRequest) -> Iterator[str]:
    service_url: str = request.getfixturevalue("postgres_service")
    url = postgres.create_database(service_url)
    try:
        yield url
    finally:
        postgres.drop_database(service_url, url)
