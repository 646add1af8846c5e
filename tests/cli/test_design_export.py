"""`gatewright design export`: what a shell sees of it."""

from __future__ import annotations

import json

import pytest

from gatewright.cli.design_export import FORMATS
from tests.cli.conftest import Shell
from tests.generator.designs import post

BEGINNINGS = {
    "sql": "CREATE TABLE users (",
    "dbml": 'Table "posts" {',
    "mermaid": "erDiagram",
    "prisma": "datasource db {",
    "svg": "<svg ",
    "json-schema": "{",
}


@pytest.fixture(autouse=True)
def design(shell: Shell) -> None:
    (shell.folder / "db.design.json").write_text(json.dumps({"tables": [post()]}))


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_design_is_printed_and_what_is_lost_is_listed(shell: Shell, format_name: str) -> None:
    """The result alone is on standard output; notes are on standard error."""
    ended = shell.run("design", "export", format_name)
    assert ended.status == 0
    assert ended.out.startswith(BEGINNINGS[format_name])
    assert "cannot hold isHidden" in ended.err or format_name == "json-schema"
    assert "cannot hold" not in ended.out


def test_a_file_is_written_whole(shell: Shell) -> None:
    """It holds what the command would print; a file that is there is replaced."""
    (shell.folder / "design.mmd").write_text("old")
    ended = shell.run("design", "export", "mermaid", "--output", "design.mmd")
    assert ended.out == "design.mmd was written.\n"
    assert (shell.folder / "design.mmd").read_text() == shell.run("design", "export", "mermaid").out


def test_wrong_use_is_refused(shell: Shell) -> None:
    """An unknown format, a folder that is not there, a dialect of something that is not SQL."""
    assert "'xml' is not one of" in shell.run("design", "export", "xml").refused(2)
    assert "no/such.svg cannot be written" in shell.run("design", "export", "svg", "--output", "no/such.svg").refused(2)
    assert "--dialect is for sql" in shell.run("design", "export", "svg", "--dialect", "sqlite").refused(2)
    assert shell.run("design", "export", "sql", "--dialect", "sqlite").out.count("sqlite_type") > 3


def test_a_design_with_errors_is_not_exported(shell: Shell) -> None:
    """The errors are those of `design check`."""
    (shell.folder / "db.design.json").write_text("{")
    assert "db.design.json" in shell.run("design", "export", "svg").refused()
