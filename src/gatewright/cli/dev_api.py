"""The app under `gatewright dev`: a process of its own, ended and started anew when its code changes.

It inherits the socket, so that a call during a reload waits instead of being refused, and a pipe, so that it ends
when whoever started it is gone, however that ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from socket import socket

from gatewright.cli.console import complain, notice, refusal_of, say

_SECONDS_TO_END = 5


class Api:
    """The process that answers.

    Args:
        listener: What it answers on.
    """

    def __init__(self, listener: socket) -> None:
        self._listener = listener
        self._process: subprocess.Popen[bytes] | None = None
        self._has_started = False

    def restart(self) -> None:
        """End the process, if there is one, and start one with the code as it is now."""
        self.stop()
        descriptor = self._listener.fileno()
        words = "reload" if self._has_started else "start"
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", __name__, str(descriptor), words],
            stdin=subprocess.PIPE,
            pass_fds=[descriptor],
            # Ctrl-C reaches only the first process, which then ends this one.
            start_new_session=True,
        )
        self._has_started = True

    def stop(self) -> None:
        """End the process, and wait for its end."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def tell_if_ended(self) -> None:
        """Say once when the process has ended by itself."""
        if self._process is not None and (status := self._process.poll()) is not None:
            self.stop()
            notice(f"The app ended with status {status}. It starts again when a file changes.")


def main() -> None:
    """Serve, in the process that `Api` started."""
    descriptor, words = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _serve(socket(fileno=descriptor), first=words == "start")
    except Exception as error:
        message, status = refusal_of(error)
        if message.startswith("Something went wrong"):
            # The user's own code: they need to see where.
            raise
        complain(message)
        sys.exit(status)


def _serve(listener: socket, *, first: bool) -> None:
    from gatewright.cli import apps, listening, processes
    from gatewright.cli.greeting import greeting

    port = listener.getsockname()[1]
    auth, app = apps.load(port)

    def announce() -> None:
        for text in auth.prepared.notices if first else ():
            notice(text)
        url = listening.url("localhost", port)
        say(greeting(auth, url, workers=1) if first else f"Reloaded {Path.cwd().name}: {url}")
        sys.stdout.flush()

    processes.serve_here(auth, app, listener, announce)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
