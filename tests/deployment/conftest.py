"""What tests of deployments run: the command line, as in tests/cli."""

from __future__ import annotations

from tests.cli.conftest import shell, sqlite_shell

__all__ = ["shell", "sqlite_shell"]
