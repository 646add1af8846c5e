"""Which core does what, and who else was on it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_IDLE_COLUMNS = (3, 4)  # idle and iowait in /proc/stat


@dataclass(frozen=True, slots=True)
class Cores:
    """The server's core, and those for everything else."""

    server: int
    others: frozenset[int]

    @staticmethod
    def usable() -> list[int]:
        """Those that this process may use; none where it cannot choose."""
        return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []

    @classmethod
    def divide(cls) -> Cores:
        """Take the first core for the server, and move this process, and what it will start, to the others."""
        usable = cls.usable()
        if len(usable) < 2:
            sys.exit("make bench needs Linux and two cores: one for the server, one for the database and the client.")
        cores = cls(usable[0], frozenset(usable[1:]))
        os.sched_setaffinity(0, cores.others)
        return cores


class Share:
    """How a core's time was used while a server was measured.

    Attributes:
        server: Share of the time that the server took, 0 to 1.
        strangers: Share that went to processes which have nothing to do with the measurement.
    """

    server = 0.0
    strangers = 0.0


@contextmanager
def watched(core: int, pid: int | None) -> Iterator[Share]:
    """Watch a core while *pid* serves on it; the result is there once the block has ended.

    Without a process, for one that comes and goes within the block, nothing is found out about others.
    """
    share = Share()
    if pid is None:
        yield share
        return
    started, busy, own = time.monotonic(), _busy_seconds(core), cpu_seconds(pid)
    yield share
    elapsed = time.monotonic() - started
    share.server = (cpu_seconds(pid) - own) / elapsed
    share.strangers = max(0.0, (_busy_seconds(core) - busy) / elapsed - share.server)


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used so far."""
    columns = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(columns[11]) + int(columns[12])) / _TICKS


def _busy_seconds(core: int) -> float:
    for line in Path("/proc/stat").read_text().splitlines():
        name, *columns = line.split()
        if name == f"cpu{core}":
            return sum(int(ticks) for place, ticks in enumerate(columns[:8]) if place not in _IDLE_COLUMNS) / _TICKS
    raise RuntimeError(f"/proc/stat does not know core {core}")
