"""The client: wrk, a load generator in C, one thread on the core that the server does not use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPTS = Path(__file__).with_name("lua")
_END_OF_REQUEST = b"\x1e"


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk found out.

    Attributes:
        requests: Answers, refusals included.
        refused: Answers with a status of 400 or more.
        broken: Connections that failed, and answers that did not come in time.
    """

    requests: int
    seconds: float
    refused: int
    broken: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Answers without a refusal, per second."""
        return (self.requests - self.refused) / self.seconds

    def without_failures(self) -> Load:
        """Itself, if every request was answered with success: a server that refuses quickly is not a fast one.

        Raises:
            RuntimeError: Not every one was.
        """
        if self.refused or self.broken or not self.requests:
            raise RuntimeError(f"a run does not count: {self}")
        return self


class Wrk:
    """One run, under way until `result` is asked for."""

    def __init__(self, script: str, content: bytes, *, port: int, connections: int, seconds: float) -> None:
        # It holds tokens and passwords of accounts that live for one run.
        self._file = tempfile.NamedTemporaryFile(prefix="gatewright-bench-")  # noqa: SIM115
        self._file.write(content)
        self._file.flush()
        size = ["-t", "1", "-c", str(connections), "-d", f"{max(1, round(seconds))}s", "--timeout", "30s"]
        command = ["wrk", *size, "-s", f"{script}.lua", f"http://127.0.0.1:{port}", "--", self._file.name]
        self._process = subprocess.Popen(
            command, cwd=_SCRIPTS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def result(self) -> Load:
        """Wait for its end.

        Raises:
            RuntimeError: wrk failed.
        """
        output, _ = self._process.communicate()
        self._file.close()
        for line in output.splitlines():
            if line.startswith("{"):
                return Load(**json.loads(line))
        raise RuntimeError(f"wrk failed: {output.strip()[-500:]}")


def repeat(requests: Iterable[bytes], *, port: int, connections: int, seconds: float) -> Wrk:
    """Send *requests* over and over."""
    content = b"".join(request + _END_OF_REQUEST for request in requests)
    return Wrk("requests", content, port=port, connections=connections, seconds=seconds)


def refresh(tokens: Sequence[str], *, port: int, seconds: float) -> Wrk:
    """Refresh with each of *tokens*, and go on with what comes back, on as many connections."""
    return Wrk("refresh", "\n".join(tokens).encode(), port=port, connections=len(tokens), seconds=seconds)


def find_or_install() -> None:
    """Make sure that there is a wrk; Debian's package is installed where it is missing and we are root."""
    if shutil.which("wrk") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "wrk"]):
            subprocess.run(
                ["apt-get", "--quiet", *arguments],
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                stdout=subprocess.DEVNULL,
                check=False,
            )
    if shutil.which("wrk") is None:
        sys.exit("make bench needs wrk: install it (Debian's package is called wrk).")
