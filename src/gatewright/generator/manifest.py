"""What the generator wrote: the path of each file with the SHA-256 of its content."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from gatewright.errors import SetupError

FILE_NAME = ".manifest.json"
_VERSION = 1
_DIGEST = re.compile("[0-9a-f]{64}")


def digest(content: bytes) -> str:
    """The hash that a manifest keeps of *content*."""
    return hashlib.sha256(content).hexdigest()


def write_manifest(files: Mapping[str, bytes], names: Mapping[str, str]) -> bytes:
    """The manifest of *files*: one line for each, sorted, so that two branches seldom touch the same line.

    Args:
        names: Of tables and their columns, so that a later run sees what was renamed.
    """
    listed = {path: digest(files[path]) for path in sorted(files)}
    content = {"version": _VERSION, "files": listed, "names": dict(sorted(names.items()))}
    return (json.dumps(content, indent=2) + "\n").encode()


def read_names(folder: Path) -> dict[str, str]:
    """The names of tables and their columns when the files were written; none of an earlier version's files."""
    try:
        names = json.loads((folder / FILE_NAME).read_bytes())["names"]
        return {table: columns for table, columns in names.items() if isinstance(columns, str)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def read_manifest(folder: Path) -> dict[str, str]:
    """The hashes in the manifest of *folder*, by path; none when there is no manifest.

    Raises:
        SetupError: It can't be read, or some path in it leads out of the folder.
    """
    path = folder / FILE_NAME
    try:
        raw = json.loads(path.read_bytes())
        files = raw["files"] if raw["version"] == _VERSION else None
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError):
        files = None
    if not isinstance(files, dict) or not all(_is_entry(*item) for item in files.items()):
        raise SetupError(
            f"{path} can't be read: a merge may have left marks in it. Delete the folder {folder} and run "
            "`gatewright generate`, which writes it again from the design."
        )
    return files


def _is_entry(path: str, recorded: object) -> bool:
    parts = path.split("/")
    inside = all(part not in ("", ".", "..") and "\\" not in part and "\0" not in part for part in parts)
    return inside and path != FILE_NAME and isinstance(recorded, str) and _DIGEST.fullmatch(recorded) is not None
