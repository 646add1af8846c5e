"""Fixtures of the tests of migrations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrations.apps import POST, App


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> App:
    """An app with the tutorial's design, no revision, and an empty database of each kind."""
    folder = tmp_path / "app folder 100%"
    folder.mkdir()
    made = App(folder, database_url)
    made.write(POST)
    return made


@pytest.fixture
def sqlite_app(tmp_path: Path) -> App:
    """The same on SQLite alone: for what only SQLite does, and for what no database is asked about."""
    made = App(tmp_path, f"sqlite:///{tmp_path / 'gatewright.db'}")
    made.write(POST)
    return made
