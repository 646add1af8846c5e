"""The wheel of this checkout, and shells on machines that have it and nothing else of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.cli.conftest import Shell

ROOT = Path(__file__).parents[2]


@dataclass
class WheelShell(Shell):
    """A shell in a folder, on a machine with the wheel in an environment of its own.

    Attributes:
        environment_folder: Where that is, as `python -m venv` and an installer left it.
    """

    environment_folder: Path = Path()

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.environment_folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.environment_folder.parent), **self.settings}

    def run_tool(self, *command: str) -> str:
        """Run another program of the environment; it has to succeed. What it said."""
        return run([self.environment_folder / "bin" / command[0], *command[1:]], self.folder, self.environment)


def build_wheel(folder: Path) -> Path:
    """Build the wheel into *folder*."""
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], folder)
    (wheel,) = folder.glob("gatewright-*.whl")
    return wheel


def install(wheel: Path, environment: Path, *extras: str) -> None:
    """Make an environment with the wheel and what it needs."""
    run([sys.executable, "-m", "venv", "--without-pip", environment], wheel.parent)
    python = environment / "bin" / "python"
    wanted = f"gatewright[{','.join(extras)}] @ {wheel.as_uri()}"
    run([sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, wanted], wheel.parent)


def run(command: list[str | Path], folder: Path, environment: dict[str, str] | None = None) -> str:
    """Run a program that has to succeed; what it said."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
