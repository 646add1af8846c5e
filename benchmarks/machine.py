"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.server import REPOSITORY
from tests.services import binaries

_LIBRARIES = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "sqlalchemy", "asyncpg", "joserfc")
_LIBRARIES_FOR_HASHES = ("argon2-cffi", "cryptography")


def describe() -> dict[str, str]:
    """The processor, the system, and the versions of what takes part, by name."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": _words([str(binaries.find_or_install() / "postgres"), "--version"]),
        "wrk": _words(["wrk", "-v"]).partition(" [")[0],
        **{name: version(name) for name in (*_LIBRARIES, *_LIBRARIES_FOR_HASHES)},
    }


def commit() -> str:
    """The commit that was measured; `-dirty` when files have changed since."""
    return _words(["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--exclude=*"]) or "unknown"


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _words(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).partition("\n")[0].strip()
