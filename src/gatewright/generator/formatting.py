"""Laying out Python source with ruff, all files in one call."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gatewright.errors import SetupError

_MEMORY = Path("/dev/shm")  # noqa: S108 (made with a name of its own there, by tempfile)


def format_files(files: Mapping[str, str], settings: str) -> dict[str, bytes]:
    """*files* by their paths, with their imports in order, laid out by ruff.

    Args:
        settings: The text of a `ruff.toml`.

    Raises:
        SetupError: A file is not Python, which only a team's own template can cause.
    """
    with tempfile.TemporaryDirectory(prefix="gatewright-", dir=_memory()) as name:
        folder = Path(name)
        (folder / "ruff.toml").write_text(settings, encoding="utf-8")
        for parent in {(folder / path).parent for path in files}:
            parent.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            (folder / path).write_bytes(text.encode())
        _run(folder, "check", "--select=I", "--fix-only")
        _run(folder, "format")
        return {path: (folder / path).read_bytes() for path in files}


def _memory() -> Path | None:
    """A folder in memory, where the system has one: on a disk, removing thousands of files may take seconds."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) else None


def _run(folder: Path, *command: str) -> None:
    # Imported here: it comes with the extra `dev`.
    from ruff import find_ruff_bin  # type: ignore[import-untyped]

    arguments = [find_ruff_bin(), *command, "--quiet", "--no-cache", "--config=ruff.toml", "."]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise SetupError(f"The generated code can't be laid out; is a template wrong?\n{done.stderr.strip()}")
