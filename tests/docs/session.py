"""Does what a page says, as its reader would: in an empty folder, at two terminals.

The first terminal is the server's as soon as a `sh server` block has run there: it is busy from then on, and later
blocks of that kind run there again. Every other block runs at a second terminal. Each has variables and functions of
its own, so that what is exported for the server counts for the server only. Both are in the same folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.docs.blocks import ROOT, Block

PRINTED_PORT = "3000"
_SECONDS = 120
_OURS = ("PATH", "HOME", "TMPDIR", "LANG")
_INTERNAL = re.compile(r"_|SHLVL|PWD|OLDPWD|BASH(?!_FUNC_).*")


def free_port() -> int:
    """A port of the loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_environment(folder: Path) -> dict[str, str]:
    """The variables of a terminal that was just opened, by a reader whose home is *folder*."""
    return {
        **{name: os.environ[name] for name in _OURS if name in os.environ},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class PageSession:
    """A reader at work on one page.

    Args:
        folder: Where they are; empty at first.
        replaced: Texts of the page, and what stands in their place on this machine.

    Attributes:
        port: Where the page's server listens here.
    """

    def __init__(self, folder: Path, replaced: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        # Where `cd` has led to.
        self._place = folder
        self.port = free_port()
        self._replaced = {**(replaced or {}), **_makefile_commands(), PRINTED_PORT: str(self.port)}
        self._for_server = new_environment(folder)
        # The same terminal until a server runs there.
        self._environment = self._for_server
        self._server: subprocess.Popen[bytes] | None = None
        self._log = folder.parent / f"{folder.name}.log"
        self._output = ""
        # How much of the log the page has shown.
        self._lines_read = 0

    def __enter__(self) -> PageSession:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_server()

    def do(self, block: Block) -> None:
        """What *block* asks for; an AssertionError names the block when it is not true."""
        text = self._local(block.text)
        if block.is_answer:
            check = same_json if block.language == "json" else same_lines
            assert check(text, self._output), f"{block.place}: printed was\n{self._output}\n{self.log()}"
        elif block.is_server_output:
            self._await_words(block, text)
        elif block.file:
            self._write(block, text)
        elif block.argument == "server":
            self._serve(block, text)
        else:
            self._output = self._run(block, text, self._environment)

    def log(self) -> str:
        """The log of the page's server."""
        return self._log.read_text() if self._log.exists() else ""

    def _local(self, text: str) -> str:
        for printed, here in self._replaced.items():
            text = text.replace(printed, here)
        return text

    def _write(self, block: Block, text: str) -> None:
        path = self._place / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if block.is_module and not path.name.startswith(("test_", "conftest")):
            # Whether it can be imported; what it needs from the environment may be set further down the page.
            self._run(block, f"GATEWRIGHT_ENVIRONMENT=development python {block.file}", self._environment, keep=False)

    def _run(self, block: Block, script: str, environment: dict[str, str], *, keep: bool = True) -> str:
        state = self._folder.parent / f"{self._folder.name}.env"
        done = subprocess.run(
            ["bash", "-c", f"set -a -eu -o pipefail\n{script}\nenv -0 > {state}"],
            cwd=self._place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (
            f"{block.place}: exit status {done.returncode}\n{done.stdout}{done.stderr}{self.log()}"
        )
        if keep:
            self._place = Path(_all_variables(state)["PWD"])
            environment.clear()
            environment.update(_variables(state))
        return done.stdout

    def _serve(self, block: Block, text: str) -> None:
        *before, command = text.replace("\\\n", " ").strip().splitlines()
        self._stop_server()
        self._run(block, "\n".join(before), self._for_server)
        if self._environment is self._for_server:
            self._environment = new_environment(self._folder)
        self._lines_read = 0
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self._place,
                env=self._for_server,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._await_server(block)

    def _await_server(self, block: Block) -> None:
        assert self._server is not None
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until and self._server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError(f"{block.place}: the server does not listen on {self.port}\n{self.log()}")

    def _await_words(self, block: Block, text: str) -> None:
        until = time.monotonic() + _SECONDS
        while (end := end_of_lines(text, self.log()[self._lines_read :])) is None:
            assert time.monotonic() < until, f"{block.place}: the log was\n{self.log()[self._lines_read :]}"
            time.sleep(0.05)
        self._lines_read += end

    def _stop_server(self) -> None:
        if self._server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._server.pid, signal.SIGTERM)
            try:
                self._server.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._server.pid, signal.SIGKILL)
                self._server.wait()
            self._server = None


def same_json(expected: str, printed: str) -> bool:
    """Whether two JSON texts are equal, where `…` in a text of the expected one stands for anything."""
    try:
        return _alike(json.loads(expected), json.loads(printed))
    except json.JSONDecodeError:
        return False


def same_lines(expected: str, printed: str) -> bool:
    """Whether two texts are equal line by line, where `…` stands for anything."""
    found = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(_pattern(expected), found) is not None


def end_of_lines(expected: str, printed: str) -> int | None:
    """Where the lines of a text end in a longer one; None when they are not all there."""
    found = re.search(f"^{_pattern(expected)}$", printed, re.MULTILINE)
    return found and found.end()


def _pattern(expected: str) -> str:
    lines = [re.escape(line.rstrip()) for line in expected.strip().splitlines()]
    return "\n".join(r"[\s\S]*" if line == "…" else line.replace("…", ".*") for line in lines)


def _alike(expected: Any, printed: Any) -> bool:
    if isinstance(expected, str) and "…" in expected:
        return isinstance(printed, str) and same_lines(expected, printed)
    if isinstance(expected, dict) and isinstance(printed, dict):
        return expected.keys() == printed.keys() and all(_alike(expected[key], printed[key]) for key in expected)
    if isinstance(expected, list) and isinstance(printed, list):
        return len(expected) == len(printed) and all(map(_alike, expected, printed))
    return type(expected) is type(printed) and bool(expected == printed)


def _all_variables(state: Path) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in state.read_text().split("\0") if "=" in entry)


def _variables(state: Path) -> dict[str, str]:
    return {name: value for name, value in _all_variables(state).items() if not _INTERNAL.fullmatch(name)}


def _makefile_commands() -> dict[str, str]:
    """`make run` needs a checkout and its own environment: here its recipe runs, in this environment."""
    recipe = re.search(r"^run: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    commands = re.sub(r"(\.\./)?\$\(BIN\)/", "", recipe[1].replace("\t@", ""))
    return {"make run\n": commands.replace(" && exec ", "\n")}
