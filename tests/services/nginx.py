"""Where nginx is; Debian's package is installed where it is missing and we are root."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.services import debian

_FOLDERS = "/usr/sbin:/usr/local/sbin:/sbin"


class NginxUnavailable(Exception):
    """There is no nginx to test with; the message says why and what to do."""


def find() -> Path | None:
    """The program, or None."""
    found = shutil.which("nginx") or shutil.which("nginx", path=_FOLDERS)
    return Path(found) if found else None


def find_or_install() -> Path:
    """The program.

    Raises:
        NginxUnavailable: It is not installed, and cannot be installed by us.
    """
    if (found := find()) is None:
        _install()
        found = find()
    if found is None:
        raise NginxUnavailable("Debian's package nginx brought no program; install nginx")
    return found


def _install() -> None:
    if not debian.may_install():
        raise NginxUnavailable("nginx is not installed here; install it")
    try:
        debian.install("nginx")
    except debian.CannotInstall as failure:
        raise NginxUnavailable(str(failure)) from None
