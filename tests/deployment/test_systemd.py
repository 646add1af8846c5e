"""The systemd unit of the docs: systemd takes it as it is, and it starts what there is."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.docs.blocks import blocks_of

PAGE = "docs/how-to/deploy-behind-https.md"
FOLDER = "/srv/auth"


def unit() -> str:
    (text,) = (block.text for block in blocks_of(PAGE) if block.argument == "gatewright.service")
    return text


def test_it_starts_a_command_that_there_is(shell: Shell) -> None:
    """With options that `gatewright serve` knows."""
    (line,) = (line.partition("=")[2] for line in unit().splitlines() if line.startswith("ExecStart="))
    program, *arguments = shlex.split(line)
    assert program == f"{FOLDER}/.venv/bin/gatewright"
    help_text = shell.run(arguments[0], "--help").out
    assert all(f"{word} " in help_text for word in arguments if word.startswith("--"))


@pytest.mark.extra
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_it(tmp_path: Path) -> None:
    """No unknown key, no value that does not fit."""
    here = {f"{FOLDER}/.venv/bin/gatewright": sys.executable, FOLDER: str(tmp_path), "User=gatewright": "User=daemon"}
    text = unit()
    for printed, replaced in here.items():
        text = text.replace(printed, replaced)
    file = tmp_path / "gatewright.service"
    file.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)
    about = [line for line in done.stderr.splitlines() if "gatewright" in line]
    assert (done.returncode, about) == (0, []), done.stderr
