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

# Passwords are asked for at the controlling terminal, which a new session has to take for itself.
_TAKE_TERMINAL = """
import fcntl, os, sys, termios
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
        shown += _read_until(ours, None, again=typed[-1].encode())
        out, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    return Ended(process.returncode, out.decode(), shown.decode().replace("\r\n", "\n"))


def _read_until(descriptor: int, end: bytes | None, *, again: bytes = b"") -> bytes:
    """What is shown until it ends with *end*, or altogether; what had no effect is typed *again*, as people do."""
    seen, pauses = b"", 0
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while end is None or not seen.endswith(end):
        assert time.monotonic() < deadline, seen
        if not select.select([descriptor], [], [], 1.0)[0]:
            pauses += 1
            if again and pauses % 10 == 0:
                os.write(descriptor, again)
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
