"""A command at a terminal, for what it asks there."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.cli.conftest import GATEWRIGHT, Ended, Shell

_PATIENCE_SECONDS = 240.0

# Passwords are asked for at the controlling terminal, which a new session has to take for itself. A job in the
# background of a shell ignores Ctrl-C, and so would all that it starts.
_TAKE_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def run_at_terminal(shell: Shell, arguments: Sequence[str], typed: Sequence[str]) -> Ended:
    """Run a command at a terminal; each of *typed* is typed once it asks again. What was shown is in `err`."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, *GATEWRIGHT, *arguments],
        cwd=shell.folder,
        env=shell.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        for text in typed:
            shown += _read_until(ours, b": ")
            os.write(ours, text.encode())
        shown += _read_until(ours, None)
        out, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    return Ended(process.returncode, out.decode(), shown.decode().replace("\r\n", "\n"))


def _read_until(descriptor: int, end: bytes | None) -> bytes:
    """What is shown until it ends with *end*, or altogether."""
    seen = b""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while end is None or not seen.endswith(end):
        assert time.monotonic() < deadline, seen
        if not select.select([descriptor], [], [], 1.0)[0]:
            continue
        try:
            read = os.read(descriptor, 4096)
        except OSError:
            # Linux reports a terminal that nobody has open any more as an input error.
            return seen
        if not read:
            return seen
        seen += read
    return seen
