"""Processes of `python -m gatewright` without the second of processor time that each would spend on imports.

One process imports everything once and then forks: what runs is a process of its own, with its own folder,
environment, files and signals, that enters the same `__main__` as one that was started. How the program really starts
is for tests that say `program`, install the wheel or run the blocks of the docs.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gatewright

FORKS_WORKERS = "TEST_FORKS_WORKERS"
"""With this variable `serve --workers` forks its workers, too, instead of starting each anew."""

_ROOT = Path(__file__).parents[1]
_PRELOADED = (
    "gatewright.cli",
    "gatewright.cli.apps",
    "gatewright.cli.dev_loop",
    "gatewright.cli.processes",
    "gatewright.core.mail.writing",
    "gatewright.generator.run",
    "gatewright.migrations.running",
    "gatewright.storage.dialects.postgresql",
    "gatewright.storage.dialects.sqlite",
    "aiosmtplib",
    "alembic.command",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
)


class Forked:
    """A process that was forked, to be used as a `subprocess.Popen`.

    Attributes:
        pid: Its own number.
        returncode: None until it is known to have ended.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: str | Path,
        env: Mapping[str, str],
        stdin: int,
        stdout: int,
        stderr: int,
        start_new_session: bool = False,
    ) -> None:
        self.returncode: int | None = None
        asked = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "session": start_new_session}
        ours, theirs = socket.socketpair()
        with theirs:
            files = [stdin, stdout, stderr, theirs.fileno()]
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(_nursery())
                socket.send_fds(connection, [b"."], files)
                connection.sendall(json.dumps(asked).encode())
        self._status = ours
        self.pid = int.from_bytes(self._status.recv(4), "big")

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._read(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; its exit status."""
        status = self._read(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(["gatewright"], timeout or 0.0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _read(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            # Zero would mean "do not block", which raises something else.
            self._status.settimeout(timeout if timeout != 0.0 else 1e-6)
            try:
                output = self._status.recv(4)
            except (TimeoutError, BlockingIOError):
                return None
            # Nothing, when the process that waits for it was killed with the rest of their group.
            self.returncode = int.from_bytes(output, "big", signed=True) if output else -signal.SIGKILL
            self._status.close()
        return self.returncode


@cache
def _nursery() -> str:
    """The address of the process that forks, started when it is first needed."""
    # In Linux's abstract namespace: there is no file to remove.
    address = f"\0gatewright-tests-{os.getpid()}-{time.monotonic_ns()}"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWRIGHT_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forking", str(listener.fileno())],
        cwd=_ROOT,
        pass_fds=[listener.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**kept, "PYTHONPATH": str(Path(gatewright.__file__).parents[1])},
    )
    listener.close()
    atexit.register(process.kill)
    return address


def _fork_on_demand(listener: socket.socket) -> dict[str, Any]:
    """Fork whenever somebody asks; it returns in the new processes only, with what was asked for."""
    # Nobody waits for the processes between: they go by themselves.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as output:
            _, files, _, _ = socket.recv_fds(connection, 1, 4)
            asked: dict[str, Any] = json.load(output)
        if not os.fork():
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _wait_beside(files.pop(), session=asked["session"])
            for ours, theirs in enumerate(files):
                os.dup2(theirs, ours)
                os.close(theirs)
            return asked
        for each in files:
            os.close(each)


def _wait_beside(status: int, *, session: bool) -> None:
    """Fork again and tell how the new process ends; it returns in the new one."""
    pid = os.fork()
    if not pid:
        os.close(status)
        if session:
            os.setsid()
        return
    os.write(status, pid.to_bytes(4, "big"))
    _, ended = os.waitpid(pid, 0)
    os.write(status, os.waitstatus_to_exitcode(ended).to_bytes(4, "big", signed=True))
    os._exit(0)


def _become(asked: Mapping[str, Any]) -> None:
    """Be what `python -m gatewright` would be, started with these arguments."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    # The first two are the folder that this process was started in and its own PYTHONPATH.
    own_path = [each for each in asked["env"].get("PYTHONPATH", "").split(os.pathsep) if each]
    sys.path[:] = [str(Path.cwd()), *own_path, *sys.path[2:]]
    sys.argv[1:] = asked["arguments"]
    random.seed()
    if FORKS_WORKERS in asked["env"]:
        _fork_workers()
    runpy.run_module("gatewright", run_name="__main__", alter_sys=True)


def _fork_workers() -> None:
    import multiprocessing

    import uvicorn._subprocess

    vars(uvicorn._subprocess)["spawn"] = multiprocessing.get_context("fork")


def main() -> None:
    """Import, and fork whenever somebody asks on the socket that was handed down."""
    import gc
    import importlib

    for name in _PRELOADED:
        importlib.import_module(name)
    gc.freeze()
    _become(_fork_on_demand(socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":
    main()
