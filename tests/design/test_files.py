"""The document on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatewright.design.files import load_design, save_design
from gatewright.design.problems import DesignError
from gatewright.design.writing import write_design
from tests.design.documents import column, design, table, text

POST = design(table("Post", column("title")))


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    """The file has the canonical text."""
    path = tmp_path / "db.design.json"
    assert save_design(path, POST)
    assert load_design(path) == POST
    assert path.read_text() == write_design(POST)


def test_a_save_without_a_change_changes_no_byte(tmp_path: Path) -> None:
    """Also a file that a person wrote in another form stays as it is, down to its time."""
    path = tmp_path / "db.design.json"
    path.write_text(text(table("Post", column("title", isUnique=False))))
    os.utime(path, (1, 1))
    before = path.read_bytes()
    assert not save_design(path, POST)
    assert (path.read_bytes(), path.stat().st_mtime) == (before, 1)


def test_a_save_that_fails_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it stops, the file is the old one or the new one, and nothing lies beside it."""
    path = tmp_path / "db.design.json"
    save_design(path, POST)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DesignError, match="cannot be written: No space left on device"):
        save_design(path, design(table("Other")))
    assert load_design(path) == POST
    assert list(tmp_path.iterdir()) == [path]


def test_the_mode_of_the_file_and_a_link_to_it_stay(tmp_path: Path) -> None:
    """A design that is a link is saved where the link leads."""
    real, link = tmp_path / "real.json", tmp_path / "db.design.json"
    save_design(real, POST)
    real.chmod(0o640)
    link.symlink_to(real)
    save_design(link, design(table("Other")))
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert load_design(real) == design(table("Other"))


def test_a_broken_file_is_replaced(tmp_path: Path) -> None:
    """What cannot be read is not the design that is saved."""
    path = tmp_path / "db.design.json"
    path.write_bytes(b"\xff{")
    assert save_design(path, POST)
    assert load_design(path) == POST


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    """No traceback for a missing file, a folder, or one that is not UTF-8."""
    with pytest.raises(DesignError, match=r"missing\.json: cannot be read: No such file"):
        load_design(tmp_path / "missing.json")
    with pytest.raises(DesignError, match="cannot be read: Is a directory"):
        load_design(tmp_path)
    with pytest.raises(DesignError, match="cannot be written"):
        save_design(tmp_path / "no" / "folder.json", POST)


@pytest.mark.parametrize("content", [b"{", b"", b"\xff{", b"[" * 99])
def test_a_file_that_is_wrong_as_a_whole_is_named(tmp_path: Path, content: bytes) -> None:
    """By its path from the working directory."""
    path = tmp_path / "db.design.json"
    path.write_bytes(content)
    with pytest.raises(DesignError, match=r"^db\.design\.json: (not|nested)") as caught:
        load_design(path)
    assert str(caught.value).count("\n") == 0
