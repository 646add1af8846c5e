"""A real server: worker processes on a database of their own, driven over HTTP and nothing else."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select

import gatewright
from gatewright import Gatewright, Settings
from gatewright.core.audit.log import Origin
from gatewright.core.context import Context
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row
from tests.forking import FORKS_WORKERS, Forked

ROOT = Path(__file__).parents[1]
SECRET = "a secret of live servers: 0123456789 abcdefghijklmnop"
PASSWORD = "an attacked passphrase"
"""Of every account here. Others that are tried have `attacked` in them too: logs are searched for that word."""

# Limits are off except where they are what is attacked: every attack comes from one address.
_SETTINGS = {
    "SECRET": SECRET,
    "ARGON2__MEMORY_KIB": "7168",
    "ARGON2__ITERATIONS": "1",
    "RATE_LIMIT_ENABLED": "false",
}

WITHIN_SECONDS = 1.0 + 0.5
"""When the end of a session or another role counts: the contract's second, and what a busy test machine adds."""

_START_SECONDS = 240.0
_STOP_SECONDS = 60.0


class LiveServer:
    """One server process with its workers.

    Args:
        database_url: A migrated database.
        folder: Where it runs and logs; nothing of the developer's own is there.
        workers: How many processes answer.
        settings: Further settings, by the names of their variables without the prefix.
    """

    def __init__(self, database_url: str, folder: Path, *, workers: int = 2, **settings: str) -> None:
        self.database_url = database_url
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.workers = workers
        self._folder = folder
        self._settings = {**_SETTINGS, **settings}
        self._process: Forked | None = None

    def start(self) -> None:
        """Start the processes, and wait until they answer."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as log, Path(os.devnull).open("rb") as nothing:
            self._process = Forked(
                ["serve", "--port", str(self.port), "--workers", str(self.workers)],
                cwd=self._folder,
                env=self._environment(),
                stdin=nothing.fileno(),
                stdout=log.fileno(),
                stderr=log.fileno(),
                start_new_session=True,
            )
        until(self._answers, seconds=_START_SECONDS, what="the server's first answer")

    def stop(self) -> None:
        """End the processes; they have a few seconds to finish what they are at."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise

    def kill(self) -> None:
        """End the processes at once, whatever they are at."""
        process, self._process = self._process, None
        assert process is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @property
    def log(self) -> str:
        """All that the processes have written."""
        return self._log_path.read_text(errors="replace")

    @contextmanager
    def client(self) -> Iterator[httpx2.Client]:
        """A client with a single connection, and so with a single worker behind it."""
        limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
        with httpx2.Client(base_url=self.url, limits=limits, timeout=30) as client:
            yield client

    @contextmanager
    def client_of_each_worker(self) -> Iterator[list[httpx2.Client]]:
        """One client for each worker, which stays with that worker."""
        found: dict[int, httpx2.Client] = {}
        deadline = time.monotonic() + _START_SECONDS
        # The system picks the worker, so connections are opened until it has picked each.
        with ExitStack() as opened:
            while len(found) < self.workers:
                assert time.monotonic() < deadline, "one of the workers takes no connections"
                client = opened.enter_context(self.client())
                found.setdefault(self._worker_behind(client), client)
            yield list(found.values())

    @asynccontextmanager
    async def beside(self, **changes: Any) -> AsyncIterator[Context]:
        """What services work with, in this process and on the server's database: as a command would do it."""
        auth = Gatewright(self.settings(**changes), port=self.port)
        async with auth.lifespan(None):
            yield auth.context(Origin(request_id="from-beside-the-server"))

    async def rows(self, table: str, **values: object) -> list[Row]:
        """The rows of *table* that hold these values."""

        def work(tx: Transaction) -> list[Row]:
            found = tx.table(table)
            return tx.all(select(found).where(*(found.c[name] == value for name, value in values.items())))

        async with self.beside() as context:
            return await context.db.read(work)

    def settings(self, **changes: Any) -> Settings:
        """The server's own settings, for this process."""
        given: dict[str, Any] = {
            "environment": "development",
            "auto_migrate": False,
            "secret": self._settings["SECRET"],
            "database_url": self.database_url,
            "mail_url": self._settings.get("MAIL_URL"),
            "argon2": {"memory_kib": 7168, "iterations": 1},
            **changes,
        }
        return Settings(**given)

    @property
    def _log_path(self) -> Path:
        return self._folder / "server.log"

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GATEWRIGHT_") and name not in ("DATABASE_URL", "REDIS_URL")
        }
        # Whatever this process has imported, the server's processes import too.
        path = [str(Path(gatewright.__file__).parents[1]), str(ROOT)]
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join(path),
            "GATEWRIGHT_ENVIRONMENT": "development",
            "DATABASE_URL": self.database_url,
            FORKS_WORKERS: "1",
            **{f"GATEWRIGHT_{name}": value for name, value in self._settings.items()},
        }

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the server ended:\n{self.log}"
        try:
            return httpx2.get(f"{self.url}/.well-known/jwks.json").status_code == 200
        except httpx2.TransportError:
            return False

    def _worker_behind(self, client: httpx2.Client) -> int:
        """The process that has the other end of the client's connection."""
        answer = client.get("/.well-known/jwks.json")
        _, port, *_ = answer.extensions["network_stream"].get_extra_info("client_addr")
        assert self._process is not None
        return _process_with_socket(self._process.pid, _inode_of_connection(server=self.port, client=port))


@dataclass(frozen=True, slots=True)
class Order:
    """One request that a client process is to send, with JSON or a form. The path may be a whole URL."""

    method: str
    url: str
    json: Any = None
    headers: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the body: JSON, or the text of a page."""

    status: int
    body: Any


def storm(orders: Sequence[Order], *, processes: int = 4) -> list[Answer]:
    """Send all *orders* at once, from several processes; the answers in the order of the orders.

    Each process opens its connections first, and then waits until all have.
    """
    shares = [orders[number::processes] for number in range(processes)]
    clients = _client_processes(processes)
    for client, share in zip(clients, shares, strict=True):
        sent = [[order.method, order.url, order.json, order.headers, order.form] for order in share]
        _write_line(client, json.dumps(sent))
    for client in clients:
        assert _read_line(client) == "ready\n", "a client process could not get ready"
    for client in clients:
        _write_line(client, "go")
    answers: list[Any] = [None] * len(orders)
    for number, client in enumerate(clients):
        found = json.loads(_read_line(client))
        answers[number::processes] = [Answer(status, body) for status, body in found]
    return answers


def until(condition: Callable[[], bool], *, what: str, seconds: float = WITHIN_SECONDS) -> None:
    """Wait until *condition* holds, and fail when that takes longer."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
        time.sleep(0.01)


def register(client: httpx2.Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """A new account that is signed in: the answer's body."""
    body = {"email": email, "password": password, "firstName": "Test", "lastName": "User"}
    return _json(client.post("/auth/register", json=body), 201)


def log_in(client: httpx2.Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """The body of a successful login's answer."""
    return _json(client.post("/auth/login", json={"email": email, "password": password}), 200)


def refresh(client: httpx2.Client, tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a successful refresh's answer."""
    return _json(client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}), 200)


def bearer(tokens: Mapping[str, Any]) -> dict[str, str]:
    """The header that sends an access token."""
    return {"Authorization": f"Bearer {tokens['accessToken']}"}


def code(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def refused_by(workers: Sequence[httpx2.Client], tokens: Mapping[str, Any]) -> Callable[[], bool]:
    """Asks whether all of these workers refuse an access token, on a route that reads nothing from the database."""
    return lambda: all(each.get("/users/admin", headers=bearer(tokens)).status_code == 401 for each in workers)


def _json(answer: httpx2.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


_clients: list[subprocess.Popen[str]] = []


def _client_processes(number: int) -> list[subprocess.Popen[str]]:
    """So many client processes, which serve one storm after the other; one that has ended is replaced."""
    _clients[:] = [client for client in _clients if client.poll() is None]
    while len(_clients) < number:
        client = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("live_client.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(_end_client, client)
        _clients.append(client)
    return _clients[:number]


def _end_client(client: subprocess.Popen[str]) -> None:
    client.kill()
    client.communicate()


def _write_line(client: subprocess.Popen[str], line: str) -> None:
    assert client.stdin is not None
    client.stdin.write(line + "\n")
    client.stdin.flush()


def _read_line(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    line = client.stdout.readline()
    if not line:
        client.kill()
        raise AssertionError("a client process ended")
    return line


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _inode_of_connection(*, server: int, client: int) -> str:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if [int(end.rpartition(":")[2], 16) for end in fields[1:3]] == [server, client]:
                return fields[9]
    raise AssertionError("the server's end of the connection was not found")


def _process_with_socket(session: int, inode: str) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session and inode in _socket_inodes(folder):
                return int(folder.name)
        except (ProcessLookupError, FileNotFoundError):
            continue
    raise AssertionError("no process of the server has that connection")


def _socket_inodes(process: Path) -> set[str]:
    links = (str(link.readlink()) for link in (process / "fd").iterdir())
    return {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:[")}
