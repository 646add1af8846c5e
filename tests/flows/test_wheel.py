"""The wheel, built and installed into an empty environment outside the checkout, serves the tutorial's calls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.live import free_port, until

ROOT = Path(__file__).parents[2]
REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The `gatewright` command of an environment that holds the wheel and nothing of this checkout."""
    wheels, environment = tmp_path / "wheels", tmp_path / "environment"
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT], tmp_path)
    (wheel,) = wheels.glob("gatewright-*.whl")
    _run([sys.executable, "-m", "venv", "--without-pip", environment], tmp_path)
    python = environment / "bin" / "python"
    _run([sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python, wheel], tmp_path)
    return environment / "bin" / "gatewright"


@pytest.fixture
def server(installed: Path, tmp_path: Path) -> Iterator[str]:
    """`gatewright serve` in an empty folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"PATH": os.environ["PATH"], "GATEWRIGHT_ENVIRONMENT": "development", "HOME": str(tmp_path)}
    with (folder / "log").open("wb") as log:
        command: list[str | Path] = [installed, "serve", "--port", str(port), "--migrate"]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: _answers(url, process, folder / "log"), what="the first answer", seconds=60)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def test_the_wheel_serves_the_tutorials_calls(server: str) -> None:
    """Register, login and profile, by a server that knows nothing of the repository."""
    assert httpx2.post(f"{server}/auth/register", json=REGISTRATION).status_code == 201
    login = httpx2.post(f"{server}/auth/login", json={k: REGISTRATION[k] for k in ("email", "password")})
    assert login.status_code == 200
    headers = {"Authorization": f"Bearer {login.json()['accessToken']}"}
    assert httpx2.get(f"{server}/users/profile", headers=headers).json()["email"] == "user@example.com"
    assert httpx2.get(f"{server}/users/admin", headers=headers).status_code == 403
    assert "swagger" in httpx2.get(f"{server}/docs").text.lower()


def _run(command: list[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return httpx2.get(f"{url}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False
