"""`gatewright keys`: signing keys, for whoever has a shell on the server."""

from __future__ import annotations

import json
from pathlib import Path

from gatewright.core.keys.ring import SigningKey
from tests.cli.conftest import Shell


def listed(shell: Shell) -> list[dict[str, str | None]]:
    ended = shell.run("keys", "list", "--json")
    assert (ended.status, ended.err) == (0, "")
    keys: list[dict[str, str | None]] = json.loads(ended.out)
    return keys


def states(shell: Shell) -> list[str | None]:
    return [key["state"] for key in listed(shell)]


def test_keys_are_listed_without_what_is_secret(ready_shell: Shell) -> None:
    """Names and times, as a table and as JSON."""
    (key,) = listed(ready_shell)
    assert key == {
        "kid": key["kid"],
        "algorithm": "ES256",
        "state": "signing",
        "source": "database",
        "createdAt": key["createdAt"],
        "activatesAt": key["createdAt"],
        "retiresAt": None,
    }
    assert str(key["createdAt"]).endswith("Z")
    heading, line = ready_shell.run("keys", "list").out.splitlines()
    assert heading.split() == ["KEY", "ALGORITHM", "STATE", "KEPT", "IN", "SIGNS", "FROM", "VERIFIES", "UNTIL"]
    assert line.split()[:4] == [key["kid"], "ES256", "signing", "database"]


def test_a_rotation_is_done_once_at_a_time(sqlite_shell: Shell) -> None:
    """It says from when the new key signs; a second one is refused until then, and names `--now`."""
    first = sqlite_shell.run("keys", "rotate")
    assert (first.status, first.err) == (0, "")
    assert first.out.startswith("Published a new key. It signs tokens from 20")
    message = sqlite_shell.run("keys", "rotate").refused()
    assert message.startswith("A rotation is under way: the key ")
    assert "--now" in message
    assert states(sqlite_shell) == ["published", "signing"]


def test_a_rotation_is_printed_as_json(sqlite_shell: Shell) -> None:
    """The new key in the shape of the list, and how many were withdrawn; nothing else on standard output."""
    published = json.loads(sqlite_shell.run("keys", "rotate", "--json").out)
    assert published == {**listed(sqlite_shell)[0], "withdrawn": 0}
    assert published["state"] == "published"
    assert published["activatesAt"] > published["createdAt"]

    refused = sqlite_shell.run("keys", "rotate", "--json")
    assert (refused.status, refused.out) == (1, "")

    signing = json.loads(sqlite_shell.run("keys", "rotate", "--now", "--json").out)
    assert signing == {**listed(sqlite_shell)[0], "withdrawn": 2}
    assert signing["state"] == "signing"


def test_a_stolen_key_is_withdrawn(sqlite_shell: Shell) -> None:
    """With `--now`, also in the midst of a rotation: one key is left, a new one."""
    sqlite_shell.run("keys", "rotate")
    before = {key["kid"] for key in listed(sqlite_shell)}
    ended = sqlite_shell.run("keys", "rotate", "--now")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("A new key signs now. Withdrew 2 other(s);")
    (key,) = listed(sqlite_shell)
    assert key["state"] == "signing"
    assert key["kid"] not in before


def test_keys_of_the_environment_are_listed_and_left_alone(sqlite_shell: Shell, tmp_path: Path) -> None:
    """From a file too; a rotation is refused with what to do, and a bad key with one line that quotes nothing."""
    keys = [SigningKey.generate("ES256") for _ in range(2)]
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [json.loads(key.to_json()) for key in keys]}))
    sqlite_shell.settings["GATEWRIGHT_SIGNING__KEYS_FILE"] = str(file)
    shown = listed(sqlite_shell)
    assert [(key["kid"], key["state"], key["source"], key["activatesAt"]) for key in shown[:2]] == [
        (keys[0].kid, "signing", "environment", None),
        (keys[1].kid, "verifying", "environment", None),
    ]
    message = sqlite_shell.run("keys", "rotate").refused()
    assert message.startswith("The signing keys come from GATEWRIGHT_SIGNING__KEYS")
    sqlite_shell.settings["GATEWRIGHT_SIGNING_ALGORITHM"] = "EdDSA"
    message = sqlite_shell.run("keys", "list").refused()
    assert message.startswith("GATEWRIGHT_SIGNING__KEYS, key 1 of 2, is not for EdDSA")
    assert json.loads(keys[0].to_json())["d"] not in message
