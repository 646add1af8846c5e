"""Writing the generated folder: all or nothing, so that an app always finds a whole tree.

A new tree is made beside the old one, out of links to what stays and of the files that are new, and then takes its
place in one step. A run that is killed on the way leaves one tree or the other, and a leftover that the next run
removes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gatewright.errors import SetupError
from gatewright.generator.exchange import exchange, recover
from gatewright.generator.plan import Plan
from gatewright.links import refuse_links_out

_CACHE = "__pycache__"


def clean_up(*folders: Path) -> None:
    """Remove what a run that was killed left beside *folders*, and put back what it had put aside."""
    for folder in folders:
        with _plainly(folder):
            recover(folder)
            if _staging(folder).exists():
                shutil.rmtree(_staging(folder))


def write_plan(plan: Plan) -> None:
    """Make the folder match *plan*, in one step.

    Raises:
        SetupError: The folder can't be written, or a link in it leads elsewhere; it is as it was.
    """
    folder, staging = plan.folder, _staging(plan.folder)
    # Files that are links are replaced, but a folder that is one would be written through.
    refuse_links_out(folder, *{(folder / change.path).parent for change in plan.changes})
    gone = {change.path for change in plan.changes}
    with _plainly(folder), _temporary(staging):
        _link_tree(folder, staging, gone)
        _write_files(staging, {change.path: change.new for change in plan.changes if change.new is not None})
        _settle()
        if folder.exists():
            exchange(staging, folder)
        else:
            staging.rename(folder)


def write_package(package: Path, moves: Mapping[str, str], files: Mapping[str, bytes | None]) -> None:
    """Bring the whole folder *package* to another state, in one step: an app never finds one half of a rename.

    Args:
        moves: The new paths of folders, by their former ones; within the package.
        files: New contents by their new paths; None for a file to remove. All else stays.

    Raises:
        SetupError: The folder cannot be written; it is as it was.
    """
    staging = _staging(package)
    with _plainly(package), _temporary(staging):
        _link_moved(package, staging, moves, set(files))
        _write_files(staging, {path: content for path, content in files.items() if content is not None})
        _settle()
        exchange(staging, package)


def _link_moved(source: Path, target: Path, moves: Mapping[str, str], gone: set[str]) -> None:
    """Give *target* what *source* holds except *gone*, with *moves*, and without byte code."""
    for folder, subfolders, names in os.walk(source):
        here = Path(folder).relative_to(source).as_posix()
        if _CACHE in subfolders:
            subfolders.remove(_CACHE)
        place = moved_path(here, moves)
        links = [name for name in subfolders if (Path(folder) / name).is_symlink()]
        kept = [name for name in names if _relative(Path(place), name) not in gone]
        if kept or links or not (names or subfolders):
            (target / place).mkdir(parents=True, exist_ok=True)
        for name in (*kept, *links):
            _link(Path(folder) / name, target / place / name)


def moved_path(path: str, moves: Mapping[str, str]) -> str:
    """Where *path* is after *moves*."""
    former = next((old for old in moves if path == old or path.startswith(f"{old}/")), None)
    return path if former is None else moves[former] + path.removeprefix(former)


def make_missing(parent: Path, files: Mapping[str, bytes]) -> None:
    """Make *files* in *parent*, each of its folders whole or not at all.

    Args:
        files: By their paths; none of the files and folders right in *parent* that these are in is there yet.

    Raises:
        SetupError: They can't be written.
    """
    staging = _staging(parent)
    with _plainly(parent), _temporary(staging):
        _write_files(staging, files)
        _settle()
        parent.mkdir(exist_ok=True)
        for made in sorted(staging.iterdir()):
            made.rename(parent / made.name)


def _staging(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.new")


@contextmanager
def _temporary(staging: Path) -> Iterator[None]:
    staging.mkdir()
    try:
        yield
    finally:
        # After the exchange this is the old tree.
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _plainly(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SetupError(f"{folder} can't be written: {error.strerror} ({error.filename}).") from error


def _link_tree(source: Path, target: Path, gone: set[str]) -> None:
    """Give *target* all that *source* holds except *gone*, and what Python made of that."""
    stems = {path.removesuffix(".py") for path in gone}
    for folder, subfolders, names in os.walk(source):
        here = Path(folder).relative_to(source)
        module = here.parent if here.name == _CACHE else here
        kept = [n for n in names if _relative(here, n) not in gone and not _is_stale(here, module, n, stems)]
        if kept or not (names or subfolders):
            (target / here).mkdir(parents=True, exist_ok=True)
        for name in kept:
            _link(source / here / name, target / here / name)
        for name in [name for name in subfolders if (source / here / name).is_symlink()]:
            (target / here).mkdir(parents=True, exist_ok=True)
            (target / here / name).symlink_to((source / here / name).readlink())


def _is_stale(here: Path, module: Path, name: str, stems: set[str]) -> bool:
    """Whether this is the byte code of a file that changes: by time and size alone, Python might take it for fresh."""
    return here.name == _CACHE and _relative(module, name.split(".", maxsplit=1)[0]) in stems


def _relative(folder: Path, name: str) -> str:
    return (folder / name).as_posix()


def _link(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        # Not every file system knows links.
        shutil.copy2(source, target, follow_symlinks=False)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for parent in {path.rpartition("/")[0] for path in files}:
        (folder / parent).mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)


def _settle() -> None:
    """Put everything on the disk before it gets its name. One call: asking for each file takes 2 ms a file."""
    if hasattr(os, "sync"):
        os.sync()
