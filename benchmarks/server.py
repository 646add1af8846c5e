"""The server under test: `gatewright serve`, one process on one core, with default settings."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]

_GATEWRIGHT = ("-m", "gatewright")
_START_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.002


class Server:
    """A server process on a core of its own.

    Args:
        command: What it is started with, after Python's name.
        core: Where it runs.
        ready: A path that it answers once it is up.
        folder: Where it is started; an empty one when left out.
        environment: Its variables, beside the usual ones.

    Attributes:
        started_in: Seconds from its start to its first answer.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        port: int,
        core: int,
        ready: str,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.port = port
        self._ready = ready
        self._folder = tempfile.TemporaryDirectory(prefix="gatewright-bench-")
        self._errors = Path(self._folder.name, "errors")
        began = time.perf_counter()
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder or self._folder.name,
                env={**plain_environment(), **(environment or {})},
                stdout=errors,
                stderr=errors,
            )
        os.sched_setaffinity(self._process.pid, {core})
        self._wait()
        self.started_in = time.perf_counter() - began

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def memory_mib(self) -> float:
        """Its resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def _wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                errors = self._errors.read_text()[-2000:]
                self.stop()
                raise RuntimeError(f"the server does not start: {errors}")
            time.sleep(_LOOK_EVERY_SECONDS)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self._ready)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def gatewright(database_url: str, core: int, secret: str, **settings: str) -> Server:
    """The stand-alone server as `gatewright serve` starts it in production, on a database that is up to date.

    Args:
        settings: Further settings, by the names of their variables without the prefix.
    """
    port = free_port()
    # What has no default, and nothing else but limits: every call comes from one address.
    given = {
        "SECRET": secret,
        "PUBLIC_URL": "https://auth.example.com",
        # Nobody listens there: mails wait.
        "MAIL_URL": "smtp://127.0.0.1:9",
        "RATE_LIMIT_ENABLED": "false",
        **settings,
    }
    environment = {"DATABASE_URL": database_url, **{f"GATEWRIGHT_{name}": value for name, value in given.items()}}
    command = [*_GATEWRIGHT, "serve", "--port", str(port)]
    return Server(command, port=port, core=core, ready="/health/live", environment=environment)


def of_app(folder: Path, core: int) -> Server:
    """An app as `gatewright serve` starts it, with the settings in its folder."""
    port = free_port()
    command = [*_GATEWRIGHT, "serve", "--port", str(port)]
    return Server(command, port=port, core=core, ready="/health/live", folder=folder)


def migrate(database_url: str) -> None:
    """Bring a database up to date."""
    environment = {**plain_environment(), "DATABASE_URL": database_url}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *_GATEWRIGHT, "migrate", "apply"]
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def plain_environment() -> dict[str, str]:
    """This process's variables without those that Gatewright reads."""
    ours = ("GATEWRIGHT_", "DATABASE_URL", "REDIS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
