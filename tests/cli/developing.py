"""`gatewright dev` as it runs, and the design that tests change under it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.cli.conftest import Shell, free_port, until

ID = {"name": "id", "type": "String", "isPrimaryKey": True, "defaultValue": "cuid()"}
POST: dict[str, Any] = {
    "name": "Post",
    "columns": [
        ID,
        {"name": "title", "type": "String", "isRequired": True},
        {"name": "body", "type": "Text"},
        {"name": "authorId", "type": "String", "isRequired": True, "references": "User"},
    ],
    "access": {
        "list": "public",
        "read": "public",
        "create": "authenticated",
        "update": "owner",
        "delete": "owner",
        "ownerColumn": "authorId",
    },
}
REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}


def add_table(app: Path, table: dict[str, Any]) -> None:
    """Put a table into the app's design, in the place of one with its name."""
    file = app / "db.design.json"
    design = json.loads(file.read_text())
    others = [each for each in design["tables"] if each["name"] != table["name"]]
    file.write_text(json.dumps({**design, "tables": [*others, table]}))


class Dev:
    """One run of `gatewright dev`."""

    def __init__(self, shell: Shell, *options: str, stdin: int | None = None) -> None:
        self.url = f"http://localhost:{free_port()}"
        self._log = shell.folder / "dev.log"
        with self._log.open("wb") as log, Path(os.devnull).open("rb") as nothing:
            files = (nothing.fileno() if stdin is None else stdin, log.fileno(), log.fileno())
            command = ("dev", "--port", self.url.rpartition(":")[2], *options)
            self.process = shell.start(*command, files=files, start_new_session=True)

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait_for(self, text: str) -> None:
        """Wait until it has printed *text*."""
        until(lambda: text in self.output or self.process.poll() is not None, what=text)
        assert text in self.output, self.output

    def get(self, path: str) -> httpx2.Response:
        """The answer to a GET, which is made again when a reload ends the process that had taken the connection."""
        try:
            return httpx2.get(self.url + path, timeout=30)
        except (httpx2.RemoteProtocolError, httpx2.ReadError):
            return httpx2.get(self.url + path, timeout=30)

    def api(self) -> int:
        """The process that answers."""
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(child)


@contextmanager
def developing(shell: Shell, *options: str, stdin: int | None = None) -> Iterator[Dev]:
    """`gatewright dev` in the shell's folder, ended whatever happens."""
    dev = Dev(shell, *options, stdin=stdin)
    try:
        yield dev
    finally:
        if dev.process.poll() is None:
            # The app ends by itself when this process is gone.
            os.kill(dev.process.pid, signal.SIGKILL)
            dev.process.wait()


def is_running(pid: int) -> bool:
    """Whether the process is there, and more than the remains of one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
