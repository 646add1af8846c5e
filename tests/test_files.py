"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gatewright.errors import SetupError
from gatewright.files import make_machine_folder, write_whole


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The disk may be full at any moment."""
    (tmp_path / "file").write_text("old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "file", b"new", keeps_existing=step == "link")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"file": "old"}


def test_the_content_is_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power failure there is never a file that is empty."""
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append((tmp_path / "file").exists()))
    write_whole(tmp_path / "file", b"new")
    assert synced == [False]


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    """A new one gets those that were asked for."""
    write_whole(tmp_path / "file", b"one", mode=0o600)
    assert mode(tmp_path / "file") == 0o600
    (tmp_path / "file").chmod(0o640)
    write_whole(tmp_path / "file", b"two")
    assert (mode(tmp_path / "file"), (tmp_path / "file").read_bytes()) == (0o640, b"two")


def test_a_file_that_is_there_stays_where_it_is_asked_for(tmp_path: Path) -> None:
    """Of several processes that make a secret at once, one wins."""
    write_whole(tmp_path / "file", b"one", keeps_existing=True)
    write_whole(tmp_path / "file", b"two", keeps_existing=True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"one")]


def test_the_machine_folder_is_ignored_and_its_owners(tmp_path: Path) -> None:
    """Whoever makes it first; what a person wrote in its .gitignore stays."""
    assert make_machine_folder(tmp_path, "draft") == tmp_path / ".gatewright" / "draft"
    ignored = tmp_path / ".gatewright" / ".gitignore"
    assert (ignored.read_text(), mode(ignored.parent)) == ("*\n", 0o700)
    ignored.write_text("secret\n")
    make_machine_folder(tmp_path, "cache")
    assert ignored.read_text() == "secret\n"


@pytest.mark.parametrize("name", [".gatewright", ".gatewright/draft", ".gatewright/.gitignore"])
def test_the_machine_folder_is_not_made_through_a_link(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """A repository can bring links along, which would have a command write elsewhere."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(SetupError, match="leads out of the app"):
        make_machine_folder(tmp_path, "draft")
