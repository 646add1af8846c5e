"""`gatewright` as a shell runs it: processes of their own, in an empty folder and with settings of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx2
import pytest

import gatewright
from tests.forking import Forked

SECRET = "Jq7vXw2LmRk9TzBn4HsYp6DfGcUe8AaQ_x1-Vo3"
GATEWRIGHT = [sys.executable, "-m", "gatewright"]
DEVELOPMENT = {
    "GATEWRIGHT_ENVIRONMENT": "development",
    "GATEWRIGHT_SECRET": SECRET,
    "GATEWRIGHT_ARGON2__MEMORY_KIB": "7168",
    "GATEWRIGHT_ARGON2__ITERATIONS": "1",
}
PRODUCTION = {
    "GATEWRIGHT_SECRET": SECRET,
    "GATEWRIGHT_PUBLIC_URL": "https://auth.example.com",
    "GATEWRIGHT_MAIL_URL": "smtp://mail.example.com",
}

_PATIENCE_SECONDS = 240.0


def make_empty(database_url: str) -> None:
    """Make the file of a SQLite database, without tables; other databases are there already."""
    if database_url.startswith("sqlite:"):
        Path(database_url.removeprefix("sqlite:///")).touch()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    def refused(self, status: int = 1) -> str:
        """What it said, after checking that this was one line on standard error, without a trace of the inside."""
        assert (self.status, self.out) == (status, ""), self
        assert self.err.startswith("error: "), self
        assert self.err.endswith("\n"), self
        assert self.err.count("\n") == 1, self
        return self.err.removeprefix("error: ").rstrip()


@dataclass
class Shell:
    """A shell in a folder.

    Attributes:
        settings: Its variables that concern Gatewright.
        program: What it starts, such as `GATEWRIGHT`; left out, the same is forked (`tests.forking`).
    """

    folder: Path
    settings: dict[str, str] = field(default_factory=lambda: dict(DEVELOPMENT))
    program: Sequence[str] = ()

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWRIGHT_")}
        # Dozens of processes start here; compiling anew in each would take most of their time.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return {**kept, "PYTHONPATH": str(Path(gatewright.__file__).parents[1]), **self.settings}

    def run(self, *arguments: str, stdin: bytes = b"", cwd: str | None = None) -> Ended:
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            files = (given.fileno(), out.fileno(), err.fileno())
            process = self.start(*arguments, files=files, cwd=cwd)
            try:
                status = process.wait(_PATIENCE_SECONDS)
            finally:
                process.kill()
            message = [each.read().decode() for each in (out, err) if each.seek(0) == 0]
        return Ended(status, *message)

    def start(
        self, *arguments: str, files: tuple[int, int, int], cwd: str | None = None, start_new_session: bool = False
    ) -> subprocess.Popen[bytes] | Forked:
        """Start a command; it is for the caller to see that it ends.

        Args:
            files: Standard input, output and error.
        """
        how: dict[str, Any] = {
            "cwd": cwd or self.folder,
            "env": self.environment,
            **dict(zip(("stdin", "stdout", "stderr"), files, strict=True)),
            "start_new_session": start_new_session,
        }
        if self.program:
            return subprocess.Popen([*self.program, *arguments], **how)
        return Forked(arguments, **how)

    @contextmanager
    def serving(self, *options: str) -> Iterator[Server]:
        """A server on a free port, from its first answer on."""
        server = Server(self, options)
        try:
            server.wait_until_ready()
            yield server
        finally:
            server.kill()


class Server:
    """`gatewright serve` as it runs."""

    def __init__(self, shell: Shell, options: tuple[str, ...]) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self._out, self._err = shell.folder / "server.out", shell.folder / "server.err"
        command = ("serve", "--port", str(self.port), *options)
        with self._out.open("wb") as out, self._err.open("wb") as err, Path(os.devnull).open("rb") as nothing:
            files = (nothing.fileno(), out.fileno(), err.fileno())
            self.process = shell.start(*command, files=files, start_new_session=True)

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def wait_until_ready(self) -> None:
        until(lambda: self._has_ended() or self.answers("/health/ready"), what="the first answer")
        assert self.process.poll() is None, self.err

    def answers(self, path: str = "/health/live") -> bool:
        try:
            return httpx2.get(self.url + path, timeout=10).status_code == 200
        except httpx2.TransportError:
            return False

    def workers(self) -> list[int]:
        """The processes that answer requests, by Linux's list of children."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]

    def stop(self, how: signal.Signals) -> int:
        """Send a signal to the first process, and wait for it to end; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(_PATIENCE_SECONDS)

    def kill(self) -> None:
        if self._has_ended():
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _has_ended(self) -> bool:
        return self.process.poll() is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], object], *, what: str) -> None:
    """Ask again and again until it holds."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell on a development machine, in an empty folder."""
    folder = tmp_path / "shell"
    folder.mkdir()
    return Shell(folder)


@pytest.fixture
def ready_shell(shell: Shell, migrated_url: str) -> Shell:
    """A shell on a development machine with a database that is up to date, once of each kind."""
    shell.settings["DATABASE_URL"] = migrated_url
    return shell


@pytest.fixture
def sqlite_shell(shell: Shell, sqlite_template_copy: Path) -> Shell:
    """A shell on a development machine with a SQLite file that is up to date."""
    shell.settings["DATABASE_URL"] = f"sqlite:///{sqlite_template_copy}"
    return shell
