"""The design document on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatewright.design.completion import complete
from gatewright.design.document import Design, Table
from gatewright.design.json_text import MAX_CHARACTERS
from gatewright.design.problems import DesignError, Problem, naming_file
from gatewright.design.reading import read_design
from gatewright.design.unbuilt import refuse_unbuilt
from gatewright.design.writing import write_design
from gatewright.files import write_whole

FILE_NAME = "db.design.json"

_copies: list[Path] = []


def design_file(app: Path) -> Path:
    """Where the design of the app in the folder *app* is read from."""
    return _copies[-1] if _copies else app / FILE_NAME


def read_copy(path: Path) -> None:
    """Make this process read the design from *path* instead of `db.design.json`."""
    _copies.append(path)


def load_design(path: Path, *, engine: Sequence[Table] = ()) -> Design:
    """The design in the file at *path*.

    Args:
        engine: As in `read_design`.

    Raises:
        DesignError: The file can't be read, or something is wrong with the design. The message begins with the file's
            name.
    """
    with naming_file(shown(path)):
        return read_design(_content(path), engine=engine)


def load_complete_design(app: Path, fragments: Sequence[Table]) -> Design:
    """The design of the app in the folder *app*, with all that the engine needs.

    Args:
        fragments: The engine's part of every design.

    Raises:
        DesignError: Something is wrong with it, or it uses what is not built yet.
    """
    path = design_file(app)
    design = load_design(path, engine=fragments)
    with naming_file(shown(path)):
        refuse_unbuilt(design)
        return complete(design, fragments)


def shown(path: Path) -> str:
    """The name of a file in a message: within the working directory, its path from there."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)


def save_design(path: Path, design: Design) -> bool:
    """Write *design* to the file at *path*, whole or not at all, and say whether that changed the file.

    A file that holds this very design already stays as it is, also when a person wrote it in another form.

    Raises:
        DesignError: The file can't be written.
    """
    path = path.resolve()
    if _holds(path, design):
        return False
    try:
        write_whole(path, write_design(design).encode())
    except OSError as error:
        raise DesignError([Problem("", f"cannot be written: {error.strerror}")], shown(path)) from None
    return True


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4 * MAX_CHARACTERS + 1)
    except OSError as error:
        raise DesignError([Problem("", f"cannot be read: {error.strerror}")]) from None


def _holds(path: Path, design: Design) -> bool:
    try:
        return path.exists() and (load_design(path) == design)
    except DesignError:
        return False
