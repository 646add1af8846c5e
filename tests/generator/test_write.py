"""Writing the generated folder."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from gatewright.errors import SetupError
from gatewright.generator import exchange, write
from gatewright.generator.manifest import FILE_NAME
from gatewright.generator.plan import EditedFiles, is_untouched, make_plan
from gatewright.generator.write import clean_up, make_missing, write_plan

FILES = {"__init__.py": b"", "post/models.py": b"one\n", "post/router.py": b"two\n", "tag/models.py": b"three\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The generated folder, as a first run leaves it."""
    folder = tmp_path / "app" / "generated"
    folder.parent.mkdir()
    put(folder, FILES)
    return folder


def put(folder: Path, files: dict[str, bytes]) -> None:
    write_plan(make_plan(folder, files, {}))


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def generated(folder: Path) -> dict[str, bytes]:
    return {path: text for path, text in content(folder).items() if path != FILE_NAME}


def test_the_manifest_lists_each_file_with_its_hash(folder: Path) -> None:
    """SHA-256 of what was written, by path."""
    listed = json.loads((folder / FILE_NAME).read_bytes())["files"]
    assert listed == {path: hashlib.sha256(text).hexdigest() for path, text in FILES.items()}
    assert is_untouched(folder)


def test_what_stays_is_not_written_again(folder: Path) -> None:
    """Files without a change keep their inode and their time; those with one get the new content."""
    before = {path: (folder / path).stat() for path in FILES}
    put(folder, {**FILES, "post/models.py": b"changed\n"})
    after = {path: (folder / path).stat() for path in FILES}
    assert (folder / "post/models.py").read_bytes() == b"changed\n"
    same = [p for p in FILES if (before[p].st_ino, before[p].st_mtime_ns) == (after[p].st_ino, after[p].st_mtime_ns)]
    assert same == ["__init__.py", "post/router.py", "tag/models.py"]


def test_what_the_design_no_longer_has_is_removed(folder: Path) -> None:
    """A listed file that is no longer wanted goes, and so does its folder."""
    put(folder, {path: text for path, text in FILES.items() if not path.startswith("post/")})
    assert sorted(generated(folder)) == ["__init__.py", "tag/models.py"]
    assert not (folder / "post").exists()


def test_what_the_manifest_does_not_list_is_left_alone(folder: Path) -> None:
    """Files, folders and links of somebody else survive changes and removals around them."""
    (folder / "post/notes.txt").write_text("mine")
    (folder / "empty").mkdir()
    (folder / "link.txt").symlink_to("post/notes.txt")
    (folder / "linked").symlink_to("empty")
    put(folder, {"__init__.py": b"changed"})
    assert (folder / "post/notes.txt").read_text() == "mine"
    assert (folder / "empty").is_dir()
    assert (folder / "link.txt").read_text() == "mine"
    assert (folder / "linked").readlink() == Path("empty")
    assert not (folder / "post/models.py").exists()


def test_an_edited_file_stops_the_run_before_anything_is_written(folder: Path) -> None:
    """The error shows the edit as a diff and says where it belongs; no other file changes either."""
    (folder / "post/router.py").write_bytes(b"two\nmine\n")
    before = content(folder)
    with pytest.raises(EditedFiles) as caught:
        make_plan(folder, {**FILES, "tag/models.py": b"new\n"}, {})
    assert "+mine" in str(caught.value)
    assert "-mine" not in str(caught.value)
    assert "belongs into app/modules/post/router.py" in str(caught.value)
    assert str(caught.value).startswith("One file was edited that belongs to the generator; nothing was written.")
    assert content(folder) == before


def test_an_edited_file_that_would_be_removed_stops_the_run(folder: Path) -> None:
    """A table that goes does not take somebody's work along."""
    (folder / "post/router.py").write_bytes(b"mine\n")
    with pytest.raises(EditedFiles, match="router.py"):
        make_plan(folder, {"__init__.py": b""}, {})


def test_a_file_of_somebody_else_is_not_overwritten(folder: Path) -> None:
    """A file that stands where a new one would be written stops the run, unless it holds the same."""
    (folder / "new.py").write_bytes(b"mine\n")
    with pytest.raises(EditedFiles, match="new.py"):
        make_plan(folder, {**FILES, "new.py": b"generated\n"}, {})
    put(folder, {**FILES, "new.py": b"mine\n"})
    assert is_untouched(folder)


def test_a_deleted_file_is_written_again(folder: Path) -> None:
    """Deleting is how somebody gives up an edit."""
    (folder / "post/router.py").unlink()
    assert not is_untouched(folder)
    put(folder, FILES)
    assert generated(folder) == FILES


@pytest.mark.parametrize(
    "text",
    [
        b"<<<<<<< HEAD",
        b"[]",
        b'{"version": 2, "files": {}}',
        b'{"version": 1, "files": {"../main.py": "' + b"0" * 64 + b'"}}',
        b'{"version": 1, "files": {"/etc/passwd": "' + b"0" * 64 + b'"}}',
        b'{"version": 1, "files": {"a.py": "short"}}',
    ],
)
def test_a_manifest_that_cannot_be_read_stops_the_run(folder: Path, text: bytes) -> None:
    """A merge's marks, another version, and paths that lead elsewhere: nothing is written or removed."""
    (folder / FILE_NAME).write_bytes(text)
    with pytest.raises(SetupError, match="can't be read"):
        make_plan(folder, FILES, {})


def test_byte_code_of_a_changed_file_is_not_taken_for_fresh(folder: Path) -> None:
    """Python compares whole seconds and sizes; a file changed within the second must not run as it was."""
    for folder_name in ("post", "tag"):
        (folder / folder_name / "__pycache__").mkdir()
        (folder / folder_name / "__pycache__/models.cpython-311.pyc").write_bytes(b"code")
    put(folder, {**FILES, "post/models.py": b"two\n"})
    assert not list((folder / "post").rglob("*.pyc"))
    assert len(list((folder / "tag").rglob("*.pyc"))) == 1


def test_a_failure_halfway_leaves_the_former_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told plainly, and nothing has changed."""
    plan = make_plan(folder, {**FILES, "post/models.py": b"new\n"}, {})
    before = content(folder)
    monkeypatch.setattr(write, "_settle", full_disk)
    with pytest.raises(SetupError, match="No space left"):
        write_plan(plan)
    assert content(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["generated"]


def full_disk() -> None:
    raise OSError(28, "No space left on device")


def test_leftovers_of_a_killed_run_are_removed(folder: Path) -> None:
    """Neither a tree that was being made nor one that was being removed stays."""
    (folder.parent / ".generated.new").mkdir()
    clean_up(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["generated"]


def test_an_exchange_in_steps_is_put_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system can't exchange in one step, a crash between the steps is mended by the next run."""
    monkeypatch.setattr(exchange, "_exchanged", lambda made, place: False)
    put(folder, {**FILES, "post/models.py": b"new\n"})
    assert (folder / "post/models.py").read_bytes() == b"new\n"
    folder.rename(folder.parent / ".generated.old")
    clean_up(folder)
    assert (folder / "post/models.py").read_bytes() == b"new\n"
    assert [path.name for path in folder.parent.iterdir()] == ["generated"]


def test_folders_without_links_are_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems know no hard links."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    put(folder, {**FILES, "post/models.py": b"new\n"})
    assert generated(folder) == {**FILES, "post/models.py": b"new\n"}


def test_missing_folders_are_made(tmp_path: Path) -> None:
    """New files and folders come into place beside what is there."""
    make_missing(tmp_path / "modules", {"__init__.py": b"", "post/x/y.py": b"a"})
    make_missing(tmp_path / "modules", {"tag/router.py": b"b"})
    assert content(tmp_path) == {"modules/__init__.py": b"", "modules/post/x/y.py": b"a", "modules/tag/router.py": b"b"}
