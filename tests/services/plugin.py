"""What tests run on: SQLite, one PostgreSQL server for the whole run, and Chromium.

The server is started by the process that hands out the tests, once it is known that one of them needs it: its id
says so, with `postgresql` in it. Processes that run tests (those of pytest-xdist) read where it is from a file.
`TEST_POSTGRES_URL` names a server to use instead; without either, those tests are skipped, and in CI (`CI=true`)
the run fails. Chromium is looked for in the same way, for the tests of `tests/browser`.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services import chromium, nginx, pgbouncer, postfix, postgres
from tests.services.binaries import PostgresUnavailable

_ABOUT_SQL = tuple(f"tests/{folder}/" for folder in ("contracts", "migrations", "storage", "upgrades"))
_HANDOFF = "TEST_SERVICES_OF_GATEWRIGHT"


class Services:
    """What this run has started. Lives in the process that hands out the tests, not in its workers."""

    def __init__(self) -> None:
        handle, path = tempfile.mkstemp(prefix="gatewright-services-")
        os.close(handle)
        self._handoff = Path(path)
        self._server: postgres.PostgresService | None = None
        self._folder: Path | None = None
        self._state: dict[str, dict[str, str]] = {}
        self._missing: list[str] = []

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
        for line in self._missing:
            terminalreporter.write_line(line, yellow=True)

    def pytest_unconfigure(self) -> None:
        """Stop what was started."""
        if self._server is not None:
            self._server.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder)
        self._handoff.unlink(missing_ok=True)
        del os.environ[_HANDOFF]

    def _start_for(self, ids: Iterable[str]) -> None:
        collected = list(ids)
        for name, mark, start in (
            ("postgresql", "postgresql", self._postgres),
            ("chromium", "tests/browser/", self._chromium),
            ("pgbouncer", "test_pgbouncer", self._pgbouncer),
            ("nginx", "tests/deployment/test_nginx", self._nginx),
            ("postfix", "tests/deployment/test_postfix", self._postfix),
        ):
            if name not in self._state and any(mark in nodeid for nodeid in collected):
                self._state[name] = start()
                self._handoff.write_text(json.dumps(self._state))

    def _postgres(self) -> dict[str, str]:
        given = os.environ.get("TEST_POSTGRES_URL")
        if given:
            return {"url": given}
        try:
            self._server = postgres.start()
        except PostgresUnavailable as reason:
            return self._lacking("PostgreSQL", reason)
        except RuntimeError as failure:
            pytest.exit(str(failure), returncode=1)
        return {"url": self._server.url}

    def _chromium(self) -> dict[str, str]:
        try:
            return {"path": str(chromium.find_or_install())}
        except chromium.ChromiumUnavailable as reason:
            return self._lacking("Chromium", reason)

    def _pgbouncer(self) -> dict[str, str]:
        self._folder = Path(tempfile.mkdtemp(prefix="gatewright-newer-pgbouncer-"))
        try:
            command = str(pgbouncer.find_or_install())
            pgbouncer.download_newer(self._folder)
        except pgbouncer.PgbouncerUnavailable as reason:
            return self._lacking("PgBouncer", reason)
        return {"path": command, "newer": str(self._folder)}

    def _nginx(self) -> dict[str, str]:
        try:
            return {"path": str(nginx.find_or_install())}
        except nginx.NginxUnavailable as reason:
            return self._lacking("nginx", reason)

    def _postfix(self) -> dict[str, str]:
        try:
            return {"path": str(postfix.find_or_install())}
        except postfix.PostfixUnavailable as reason:
            return self._lacking("Postfix", reason)

    def _lacking(self, what: str, reason: Exception) -> dict[str, str]:
        if os.environ.get("CI") == "true":
            pytest.exit(f"CI has to test on {what}, but {reason}", returncode=1)
        self._missing.append(f"{what} tests skipped: {reason}")
        return {"missing": str(reason)}


def pytest_configure(config: pytest.Config) -> None:
    """Take charge of the services, in the one process that is nobody's worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Services(), "gatewright-services")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what `make test` would only collect: schemathesis makes its cases then, ten seconds in each process."""
    is_left_out = config.option.markexpr == "not extra" and collection_path.name == "test_openapi_conformance.py"
    return True if is_left_out else None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among modules and collected tests: it took a third of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a test once on each kind of database only where it, or its folder, is about SQL; elsewhere on SQLite alone.

    With `-k postgresql`, or by its id, every such test runs on PostgreSQL, too.
    """
    collected = {item.nodeid for item in items}
    spared = [item for item in items if _runs_on_sqlite_alone(item, collected)]
    if spared:
        left_out = set(map(id, spared))
        items[:] = [item for item in items if id(item) not in left_out]
        config.hook.pytest_deselected(items=spared)


def _runs_on_sqlite_alone(item: pytest.Item, collected: Collection[str]) -> bool:
    """Whether this is the run on PostgreSQL of a test for which the one on SQLite is enough."""
    if "postgresql" not in getattr(getattr(item, "callspec", None), "params", {}).values():
        return False
    if item.nodeid.startswith(_ABOUT_SQL) or item.get_closest_marker("both_databases"):
        return False
    return item.nodeid.replace("postgresql", "sqlite") in collected


@pytest.fixture(scope="session")
def postgres_service() -> str:
    """The maintenance database of the run's PostgreSQL server, as a URL; skips where there is no server."""
    state = _handed_over("postgresql")
    if "url" not in state:
        pytest.fail("A test that uses PostgreSQL needs `postgresql` in its id: take postgres_url or database_url.")
    return state["url"]


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The program of the browser; skips where there is none."""
    state = _handed_over("chromium")
    if "path" not in state:
        pytest.fail("A test that uses Chromium belongs in tests/browser.")
    return Path(state["path"])


@pytest.fixture(scope="session")
def pgbouncer_commands() -> dict[str, list[str]]:
    """How PgBouncer is run: `old`, Debian's own, and `newer`; skips where there is none."""
    state = _handed_over("pgbouncer")
    if "path" not in state:
        pytest.fail("A test that uses PgBouncer belongs in a file called test_pgbouncer.py.")
    return {"old": [state["path"]], "newer": pgbouncer.newer_command(Path(state["newer"]))}


@pytest.fixture(scope="session")
def nginx_path() -> Path:
    """The program of nginx; skips where there is none."""
    state = _handed_over("nginx")
    if "path" not in state:
        pytest.fail("A test that uses nginx belongs in tests/deployment/test_nginx.py.")
    return Path(state["path"])


@pytest.fixture(scope="session")
def postfix_path() -> Path:
    """The program of Postfix; skips where there is none."""
    state = _handed_over("postfix")
    if "path" not in state:
        pytest.fail("A test that uses Postfix belongs in tests/deployment/test_postfix.py.")
    return Path(state["path"])


def _handed_over(name: str) -> dict[str, str]:
    state: dict[str, str] = json.loads(Path(os.environ[_HANDOFF]).read_text() or "{}").get(name, {})
    if "missing" in state:
        pytest.skip(state["missing"])
    return state


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
