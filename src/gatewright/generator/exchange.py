"""Putting one folder in the place of another in a single step of the file system."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

_CURRENT_FOLDER = -100  # AT_FDCWD
_LINUX_EXCHANGE = 2  # RENAME_EXCHANGE, renameat2(2)
_MACOS_SWAP = 2  # RENAME_SWAP, renamex_np(2)


def exchange(made: Path, place: Path) -> None:
    """Exchange the names of the folders *made* and *place*; both are on one file system.

    Linux and macOS do it in one step, so that *place* is never missing. Where the system or the file system
    can't, it takes three; `recover` repairs what a crash between them leaves.

    Raises:
        OSError: The folders can't be renamed.
    """
    if _exchanged(os.fsencode(made), os.fsencode(place)):
        return
    aside = _aside(place)
    place.rename(aside)
    made.rename(place)
    aside.rename(made)


def recover(place: Path) -> None:
    """Give *place* its folder back when an exchange in steps was cut short."""
    aside = _aside(place)
    if aside.exists() and place.exists():
        shutil.rmtree(aside)
    elif aside.exists():
        aside.rename(place)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.old")


def _exchanged(made: bytes, place: bytes) -> bool:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(made, place, ctypes.c_uint(_MACOS_SWAP)) == 0)
        arguments = (_CURRENT_FOLDER, made, _CURRENT_FOLDER, place, ctypes.c_uint(_LINUX_EXCHANGE))
        return bool(library.renameat2(*arguments) == 0)
    except (AttributeError, OSError, TypeError):
        return False
