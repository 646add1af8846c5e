"""Debian's packages, for programs that tests need and that are not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLICY = Path("/usr/sbin/policy-rc.d")


class CannotInstall(Exception):
    """A package cannot be installed by us; the message says why."""


def may_install() -> bool:
    """Whether this is Debian, or close to it, and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> None:
    """Install a package and what it needs, no more: nothing is started, and nothing makes room for it.

    Raises:
        CannotInstall: apt-get failed.
    """
    _apt_get("update")
    with _without_starting():
        _apt_get("install", "--yes", "--no-install-recommends", "--no-remove", package)


@contextmanager
def _without_starting() -> Iterator[None]:
    """Keep Debian from starting what it installs, on well-known ports of this machine."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _apt_get(*arguments: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "--quiet", *arguments]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CannotInstall(f"apt-get {arguments[0]} failed: {done.stderr.strip()[-500:]}")
