"""`gatewright openapi`: the document without a server."""

from __future__ import annotations

import json

import httpx2

from tests.cli.conftest import Shell


def test_the_document_is_the_servers(sqlite_shell: Shell) -> None:
    """What is printed is what is served, byte for byte the same each time."""
    printed = sqlite_shell.run("openapi")
    assert (printed.status, printed.err) == (0, "")
    assert sqlite_shell.run("openapi").out == printed.out
    with sqlite_shell.serving() as server:
        assert httpx2.get(server.url + "/openapi.json").json() == json.loads(printed.out)


def test_it_needs_neither_secret_nor_database(shell: Shell) -> None:
    """In production, and with a database that is not there; nothing is left in the folder."""
    shell.settings = {"DATABASE_URL": "postgresql://ada:lovelace@127.0.0.1:1/nothing", "GATEWRIGHT_API_PREFIX": "/api"}
    document = json.loads(shell.run("openapi").out)
    assert "/api/auth/login" in document["paths"]
    assert list(shell.folder.iterdir()) == []
