"""A new app on another machine: installed from what its own files say, in an empty environment, where it serves."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import DEVELOPMENT
from tests.flows.journey import call, logged_in, registered
from tests.flows.wheels import ROOT, WheelShell, run

PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "src")
Wanted = tuple[str | Path, ...]


def from_file(wheel: Path, _: Path) -> Wanted:
    """The wheel itself, as a browser downloads it."""
    return (f"gatewright[dev] @ {wheel.as_uri()}",)


def from_wheel_folder(wheel: Path, _: Path) -> Wanted:
    """A release, which a folder of wheels has besides the package index."""
    return ("--find-links", wheel.parent, "gatewright[dev]")


def from_sources(_: Path, folder: Path) -> Wanted:
    """A clone, of which there is only what the Dockerfile takes into the image."""
    clone = folder / "a clone"
    clone.mkdir()
    for name in BUILT_FROM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, clone / name)
    return (f"gatewright[dev] @ {clone.as_uri()}",)


@pytest.mark.extra
@pytest.mark.parametrize("wanted_from", [from_file, from_wheel_folder, from_sources])
def test_a_new_app_is_installed_by_its_own_files_and_serves(
    wheel: Path, tmp_path: Path, wanted_from: Callable[[Path, Path], Wanted]
) -> None:
    """Nobody has to know what to install besides; its own checks pass there as well."""
    maker = environment(tmp_path / "maker", *wanted_from(wheel, tmp_path))
    shell = WheelShell(tmp_path, settings={}, program=(str(maker / "bin/gatewright"),), environment_folder=maker)
    assert shell.run("init", "shop").status == 0
    app = tmp_path / "shop"

    links = ("--find-links", wheel.parent) if wanted_from is from_wheel_folder else ()
    theirs = environment(tmp_path / "theirs", *links, "--requirement", app / "requirements-dev.txt")
    shell = WheelShell(app, settings={}, program=(str(theirs / "bin/gatewright"),), environment_folder=theirs)
    with shell.serving("--migrate") as server:
        registered(server.url)
        assert call(server.url, "GET", "/users/profile", logged_in(server.url)).status_code == 200
    shell.settings = {name: value for name, value in DEVELOPMENT.items() if "ARGON2" in name}
    assert " passed" in shell.run_tool("pytest", "-q", "-p", "no:cacheprovider")
    shell.run_tool("mypy", "--no-incremental")
    shell.run_tool("ruff", "check", "--no-cache")
    assert copied(app) <= {wheel.name, *BUILT_FROM}


def environment(folder: Path, *wanted: str | Path) -> Path:
    """An environment with what pip installs for *wanted*, and nothing else."""
    run([sys.executable, "-m", "venv", folder], folder.parent)
    run([folder / "bin/python", *PIP, *wanted], folder.parent)
    return folder


def copied(app: Path) -> set[str]:
    """What the app's image takes of this copy of Gatewright."""
    lines = (app / "Dockerfile").read_text().splitlines()
    steps = [line.partition("--from=gatewright ")[2] for line in lines if line.startswith("COPY --from=")]
    return {name for step in steps for name in json.loads(step)[:-1]}
