"""The page on backups: what it says of PostgreSQL, on a real server, with users who are signed in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from starlette.testclient import TestClient

from gatewright import Gatewright
from tests.conftest import SECRET, make_settings
from tests.docs.blocks import blocks_of
from tests.services import postgres

PAGE = "docs/how-to/back-up-and-restore.md"
USER = {"email": "ada@example.com", "password": "securepassword", "firstName": "Ada", "lastName": "Lovelace"}


def steps() -> list[str]:
    """The commands of the page that need a server."""
    return [block.text for block in blocks_of(PAGE) if "pg_" in block.text]


def run(commands: str, folder: Path, **environment: str) -> str:
    known = {**os.environ, "GATEWRIGHT_SECRET": SECRET, "GATEWRIGHT_ENVIRONMENT": "development", **environment}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={**known, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_backup_of_postgresql_is_restored_and_nobody_stays_signed_in(
    postgres_service: str, postgres_template_copy: str, tmp_path: Path
) -> None:
    """Accounts and passwords are back; sessions of the backup, which may have ended since, are over."""
    back_up, restore = steps()
    with TestClient(Gatewright(make_settings(postgres_template_copy)).create_app()) as client:
        tokens = client.post("/auth/register", json=USER).json()
        run(back_up, tmp_path, DATABASE_URL=postgres_template_copy)
        assert client.post("/auth/register", json={**USER, "email": "bob@example.com"}).status_code == 201
    assert (tmp_path / "backup.dump").stat().st_mode & 0o777 == 0o600
    new = postgres.create_database(postgres_service)
    try:
        out = run(restore, tmp_path, DATABASE_URL="postgresql://nowhere/nothing", NEW_DATABASE_URL=new)
        assert out.splitlines()[-1] == "Ended 1 session(s)."
        with TestClient(Gatewright(make_settings(new)).create_app()) as client:
            own = {"Authorization": f"Bearer {tokens['accessToken']}"}
            assert client.get("/users/profile", headers=own).status_code == 401
            assert client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}).status_code == 401
            for email, status in ((USER["email"], 200), ("bob@example.com", 401)):
                answer = client.post("/auth/login", json={"email": email, "password": USER["password"]})
                assert answer.status_code == status
    finally:
        postgres.drop_database(postgres_service, new)
