"""Where Chromium is; Debian's package is installed where it is missing and we are root."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.services import debian

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class ChromiumUnavailable(Exception):
    """There is no browser to test in; the message says why and what to do."""


def find_or_install() -> Path:
    """The browser's program.

    Raises:
        ChromiumUnavailable: It is not installed, and cannot be installed by us.
    """
    found = _find()
    if found is None:
        _install()
        found = _find()
    if found is None:
        raise ChromiumUnavailable("Debian's package chromium brought no such program")
    return found


def _find() -> Path | None:
    return next((Path(path) for name in _PROGRAMS if (path := shutil.which(name))), None)


def _install() -> None:
    if not debian.may_install():
        raise ChromiumUnavailable("no Chromium is installed here; install it (on Debian: apt-get install chromium)")
    try:
        debian.install("chromium")
    except debian.CannotInstall as failure:
        raise ChromiumUnavailable(str(failure)) from None
