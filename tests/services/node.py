"""Node's packages, for programs in JavaScript that tests run beside ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SECONDS = 120


class NodeUnavailable(Exception):
    """There is no Node, or a package cannot be installed; the message says why."""


def install(folder: Path, package: str) -> None:
    """Install *package* into *folder*, from whichever registry npm is set up for.

    Raises:
        NodeUnavailable: Node or npm is missing, or npm failed.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NodeUnavailable("no Node is installed here; install it (on Debian: apt-get install nodejs npm)")
    (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", package]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise NodeUnavailable(f"npm did not install {package} within {_SECONDS} seconds") from None
    if done.returncode != 0:
        raise NodeUnavailable(f"npm cannot install {package}: {done.stderr.strip()[-300:]}")
