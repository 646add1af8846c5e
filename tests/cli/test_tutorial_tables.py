"""The tutorial's three tables, typed as it types them, through `gatewright design import`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatewright.design.importers.javascript import parse_javascript
from gatewright.design.reading import read_design
from gatewright.design.writing import write_design
from tests.cli.conftest import Shell
from tests.cli.developing import POST
from tests.design.documents import TUTORIAL

# What the engine needs and the tutorial doesn't have.
ADDED = {
    "User": {"emailKey", "disabledAt"},
    "RefreshToken": {
        *("generation", "rotatedAt", "lastUsedAt", "endedAt", "authTime", "amr", "ipAddress", "userAgent"),
    },
    "EmailVerification": {"purpose", "email", "attempts", "usedAt"},
}


def imported(shell: Shell, text: str, *, by_file: bool) -> bytes:
    """The design that an import into an empty folder writes."""
    folder = shell.folder / f"{len(list(shell.folder.iterdir()))}"
    folder.mkdir()
    (folder / "tables.ts").write_text(text)
    ended = shell.run("design", "import", "tables.ts" if by_file else "-", stdin=text.encode(), cwd=str(folder))
    assert (ended.status, ended.err) == (0, "")
    return (folder / "db.design.json").read_bytes()


def test_all_ways_in_lead_to_the_same_bytes(shell: Shell) -> None:
    """From a file and from standard input, with unquoted keys and as JSON; what is written is canonical."""
    assert 'name: "User"' in TUTORIAL
    written = imported(shell, TUTORIAL, by_file=True)
    assert imported(shell, TUTORIAL, by_file=False) == written
    assert imported(shell, json.dumps(parse_javascript(TUTORIAL)), by_file=False) == written
    assert write_design(read_design(written)).encode() == written


def test_every_word_of_the_tutorial_is_kept_and_the_engines_columns_come_to_it(shell: Shell) -> None:
    """Tables and columns in the tutorial's order, then those that were added; defaults as values of their types."""
    tables = json.loads(imported(shell, TUTORIAL, by_file=True))["tables"]
    raw = parse_javascript(TUTORIAL)
    typed = {table["name"]: [column["name"] for column in table["columns"]] for table in raw}
    assert [table["name"] for table in tables] == list(typed)
    for table in tables:
        names = [column["name"] for column in table["columns"]]
        assert [name for name in names if name in typed[table["name"]]] == typed[table["name"]]
        assert set(names) - set(typed[table["name"]]) == ADDED[table["name"]]
    user = {column["name"]: column for column in tables[0]["columns"]}
    assert user["isEmailVerified"]["defaultValue"] is False
    assert user["role"]["defaultValue"] == "USER"
    assert user["password"]["isHidden"]


def test_a_save_without_a_change_changes_no_byte(shell: Shell) -> None:
    """Neither the second import nor a table that is there already touches the file."""
    for text in (TUTORIAL, TUTORIAL, json.dumps(POST), json.dumps(POST)):
        shell.run("design", "import", "-", stdin=text.encode())
    file = shell.folder / "db.design.json"
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    for text in (TUTORIAL, json.dumps(POST)):
        ended = shell.run("design", "import", "-", stdin=text.encode())
        assert (ended.status, ended.out) == (0, "db.design.json already contains these tables.\n")
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before


@pytest.mark.parametrize(
    ("typed", "changed", "message"),
    [
        ('name: "email", type: "String"', 'name: "email", type: "Int"', "User.email"),
        ('name: "expiresAt", type: "DateTime"', 'name: "expiresAt", type: "String"', "RefreshToken.expiresAt"),
        ('{ name: "id", type: "String", isPrimaryKey: true', '{ name: "id", type: "String"', "User.id"),
    ],
)
def test_a_clash_with_the_engine_names_the_column(shell: Shell, typed: str, changed: str, message: str) -> None:
    """Another type, a key that is missing: nothing is written."""
    assert typed in TUTORIAL
    ended = shell.run("design", "import", "-", stdin=TUTORIAL.replace(typed, changed).encode())
    assert (ended.status, ended.out) == (1, "")
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert list(Path(shell.folder).iterdir()) == []
