"""The secret that development makes for itself."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.errors import SetupError
from gatewright.settings import development
from gatewright.settings.development import development_secret

SOURCE = Path(development.__file__).parents[2]
CHILD = """
import sys
from pathlib import Path
from gatewright.settings.development import development_secret
print("ready", flush=True)
sys.stdin.readline()
print(development_secret(Path(sys.argv[1])))
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_secret_is_made_once_and_kept(folder: Path) -> None:
    """For the owner's eyes only, and out of git's sight."""
    first = development_secret(folder)
    assert development_secret(folder) == first
    assert len(first) == 64
    kept = folder / ".gatewright"
    assert (mode(kept), mode(kept / "secret")) == (0o700, 0o600)
    assert (kept / ".gitignore").read_text() == "*\n"
    assert sorted(path.name for path in kept.iterdir()) == [".gitignore", "secret"]


def test_two_folders_have_two_secrets(folder: Path) -> None:
    """There is no secret that all installations share."""
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    assert development_secret(folder / "a") != development_secret(folder / "b")


def test_a_wide_umask_does_not_open_the_file(folder: Path) -> None:
    """The mode is asked for, not left to the environment."""
    before = os.umask(0)
    try:
        development_secret(folder)
    finally:
        os.umask(before)
    assert (mode(folder / ".gatewright"), mode(folder / ".gatewright" / "secret")) == (0o700, 0o600)


def test_a_copied_secret_is_closed_again(folder: Path) -> None:
    """`cp` leaves a file that everybody can read."""
    development_secret(folder)
    file = folder / ".gatewright" / "secret"
    file.chmod(0o644)
    development_secret(folder)
    assert mode(file) == 0o600


def test_processes_that_start_together_share_one_secret(folder: Path) -> None:
    """Ten workers on an empty folder, let go at one moment: one secret, whole in every one of them."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=SOURCE,
        )
        for _ in range(10)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = {worker.communicate(timeout=60)[0] for worker in workers}

    assert answers == {(folder / ".gatewright" / "secret").read_text()}
    assert sorted(path.name for path in (folder / ".gatewright").iterdir()) == [".gitignore", "secret"]


def test_who_comes_second_takes_the_winners_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The very moment of the race: the other's secret appears after we looked and before we link ours."""
    link, winner = os.link, "w" * 64

    def beaten(source: str, target: Path) -> None:
        target.write_text(winner)
        link(source, target)

    monkeypatch.setattr(os, "link", beaten)
    assert development_secret(folder) == winner
    assert sorted(path.name for path in (folder / ".gatewright").iterdir()) == [".gitignore", "secret"]


def test_the_secret_is_whole_before_anybody_can_see_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that looks at any moment finds nothing, or all of it."""
    seen: list[bool] = []
    synced: list[int] = []
    link, fsync = os.link, os.fsync

    def watched(source: str, target: Path) -> None:
        seen.append(target.exists())
        assert len(Path(source).read_text()) == 65
        link(source, target)

    def noted(descriptor: int) -> None:
        synced.append(descriptor)
        fsync(descriptor)

    monkeypatch.setattr(os, "link", watched)
    monkeypatch.setattr(os, "fsync", noted)
    development_secret(folder)
    assert seen == [False]
    assert len(synced) == 1


@pytest.mark.parametrize("content", ["", "\n", "short", "x" * 63, "x" * 65, "x" * 60 + "\x00\x00\x00\x00", "é" * 64])
def test_a_damaged_secret_is_an_error_and_not_overwritten(content: str, folder: Path) -> None:
    """Making a new one without a word would end every session and lose what was sealed."""
    (folder / ".gatewright").mkdir()
    file = folder / ".gatewright" / "secret"
    file.write_text(content)
    with pytest.raises(SetupError, match="was changed. Restore it") as caught:
        development_secret(folder)
    assert str(file) in str(caught.value)
    assert content.strip() == "" or content not in str(caught.value)
    assert file.read_text() == content


def test_a_folder_that_cannot_be_made_is_one_clear_error(folder: Path) -> None:
    """A file where the folder should be, a directory where the file should be."""
    (folder / ".gatewright").write_text("")
    with pytest.raises(SetupError, match="cannot be written .* set GATEWRIGHT_SECRET"):
        development_secret(folder)
    (folder / ".gatewright").unlink()
    (folder / ".gatewright" / "secret").mkdir(parents=True)
    with pytest.raises(SetupError, match="Is a directory"):
        development_secret(folder)


@pytest.mark.parametrize("refusal", [PermissionError(13, "Permission denied"), OSError(95, "Operation not supported")])
def test_a_folder_that_cannot_be_written_is_one_clear_error(
    refusal: OSError, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only mount, or a file system without links; nothing is left behind."""

    def refuse(source: str, target: Path) -> None:
        raise refusal

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(SetupError, match=f"({refusal.strerror})"):
        development_secret(folder)
    assert [path.name for path in (folder / ".gatewright").iterdir()] == [".gitignore"]


@pytest.mark.parametrize("name", [".gatewright", ".gatewright/secret"])
def test_the_secret_is_not_written_through_a_link_that_leads_elsewhere(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """Nor is the mode changed of what a repository's link leads to; also where nothing is there yet."""
    outside = tmp_path_factory.mktemp("outside") / "secret"
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).symlink_to(outside)
    with pytest.raises(SetupError, match=r"\.gatewright/secret is behind a link that leads out of the app"):
        development_secret(folder)
    assert not outside.exists()
    outside.write_text("s" * 64)
    outside.chmod(0o644)
    with pytest.raises(SetupError, match="leads out of the app"):
        development_secret(folder)
    assert (mode(outside), outside.read_text()) == (0o644, "s" * 64)


def test_a_link_in_a_circle_is_one_clear_error(folder: Path) -> None:
    """Python reports it as it reports faults of programs."""
    (folder / ".gatewright").symlink_to(".gatewright")
    with pytest.raises(SetupError, match="in a circle"):
        development_secret(folder)


def test_a_folder_behind_a_link_of_its_own_is_no_concern(folder: Path) -> None:
    """Where the app lies is its owner's business: releases are often behind a link `current`."""
    (folder / "release").mkdir()
    (folder / "current").symlink_to("release")
    assert development_secret(folder / "current") == development_secret(folder / "release")
