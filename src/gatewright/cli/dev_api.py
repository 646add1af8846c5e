"""The app under `gatewright dev`: a process of its own, which is replaced when its code changes.

It inherits the socket, so that a call during a reload waits instead of being refused, and a pipe, so that it ends
when its parent is gone, however that ended. It reads a copy of the design: the last one that its code and its database
were made for.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from socket import SHUT_WR, socket

from gatewright.cli.console import complain, notice, refusal_of, say
from gatewright.design.files import read_copy
from gatewright.errors import Unavailable

_SECONDS_TO_END = 5
_SECONDS_FOR_A_CALL = 1


class Api:
    """The process that answers.

    Args:
        listener: What it answers on.
        design: The copy of the design.
        debug: Whether it logs each seal of the audit log.
    """

    def __init__(self, listener: socket, design: Path, *, debug: bool = False) -> None:
        self._listener = listener
        self._design = design
        self._debug = debug
        self._process: subprocess.Popen[bytes] | None = None
        self._has_started = False

    @property
    def is_running(self) -> bool:
        """Whether the process has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """End the process, if there is one, and start one with the code as it is now."""
        self.stop()
        descriptor = self._listener.fileno()
        words = ["reload" if self._has_started else "start", str(self._design), *(["debug"] if self._debug else [])]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", __name__, str(descriptor), *words],
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

    def wait(self, seconds: float) -> None:
        """Wait at most *seconds*. Without a process, a request is answered with 503 meanwhile."""
        if self._process is not None:
            time.sleep(seconds)
        elif select.select([self._listener], [], [], seconds)[0]:
            # The client may have disconnected.
            with suppress(OSError):
                _turn_away(self._listener)

    def report_exit(self) -> None:
        """Print once that the process has ended by itself."""
        if self._process is not None and (status := self._process.poll()) is not None:
            self.stop()
            notice(f"The app exited with status {status}. It restarts when a file changes.")


def main() -> None:
    """Serve, in the process that `Api` started."""
    from gatewright.cli.apps import BrokenApp

    descriptor, word, design, *debug = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    read_copy(Path(design))
    try:
        _serve(socket(fileno=int(descriptor)), first=word == "start", debug=bool(debug))
    except BrokenApp as error:
        # The user's own code: they need to see where.
        _show(error.reason)
        sys.exit(error.exit_code)
    except Exception as error:
        message, status = refusal_of(error)
        if message.startswith("Unexpected error"):
            raise
        complain(message)
        sys.exit(status)


def _turn_away(listener: socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(_SECONDS_FOR_A_CALL)
        # Closed with the call unread, the connection would be reset before the answer is.
        connection.recv(65536)
        connection.sendall(_answer_without_app())
        connection.shutdown(SHUT_WR)


def _answer_without_app() -> bytes:
    # Imported late: needed only while no app runs.
    from gatewright.http.edge import bare_answer

    return bare_answer(Unavailable("The app is not running. See the output of `gatewright dev`."))


def _show(error: BaseException) -> None:
    """The traceback of *error* from the first line of the app on."""
    here = f"{Path.cwd()}{os.sep}"
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(here):
        trace = trace.tb_next
    if trace is None and not isinstance(error, SyntaxError):
        trace = error.__traceback__
    traceback.print_exception(type(error), error, trace)


def _serve(listener: socket, *, first: bool, debug: bool) -> None:
    from gatewright.cli import apps, listening, processes
    from gatewright.cli.greeting import greeting
    from gatewright.cli.request_lines import RequestLines

    port = listener.getsockname()[1]
    auth, app = apps.load(port)

    def announce() -> None:
        for text in auth.prepared.notices if first else ():
            notice(text)
        url = listening.url("localhost", port)
        say(greeting(auth, url, workers=1) if first else f"Reloaded {Path.cwd().name}: {url}")
        sys.stdout.flush()

    processes.serve_here(auth, RequestLines(app), listener, announce, shows_seals=debug)


def _end_with_parent() -> None:
    # Past Python's own buffer: Python could not end while this thread holds its lock.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
