"""The drafts of `gatewright dev` on the disk.

They lie in `.gatewright/draft/`, beside the app and outside `migrations/versions/`: a draft is this machine's own, and
what lies in `versions/` is applied wherever the app runs. Its id follows from its content. A database that holds a
draft therefore finds it here also after others were made for it or for another database; the newest are kept.
"""

from __future__ import annotations

from pathlib import Path

from gatewright.files import make_machine_folder, write_whole
from gatewright.migrations.histories import DRAFTS, AppHistory
from gatewright.migrations.revisions import SNAPSHOT
from gatewright.migrations.writing import Script, write

_KEPT = 50
_SEALED = ".sealed"


def keep(app: Path, script: Script) -> None:
    """Write *script* as a draft, unless it is there.

    Raises:
        SetupError: A link leads the drafts out of *app*.
    """
    folder = make_machine_folder(app, DRAFTS.name)
    if not (folder / f"{script.id}_draft.py").exists():
        write(folder, script, "draft")
    _prune(folder)


def seal(history: AppHistory, revision: str) -> None:
    """Note that *revision* takes the place of the drafts on top of the head that *history* had."""
    folder = history.app / DRAFTS
    parents = (history.head,) if history.head else ()
    for draft in history.drafts:
        if draft.parents == parents and draft.id != revision:
            write_whole(folder / f"{draft.id}{_SEALED}", revision.encode())


def sealed_as(history: AppHistory, draft: str) -> str | None:
    """The revision that took the place of *draft*, if one has."""
    note = history.app / DRAFTS / f"{draft}{_SEALED}"
    return note.read_text("utf-8").strip() if note.is_file() else None


def _prune(folder: Path) -> None:
    scripts = sorted(folder.glob("*_draft.py"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for script in scripts[_KEPT:]:
        draft = script.name.removesuffix("_draft.py")
        for path in (script, folder / f"{draft}{SNAPSHOT}", folder / f"{draft}{_SEALED}"):
            path.unlink(missing_ok=True)
