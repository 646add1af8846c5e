"""The app's own code that names removed generated modules: `repository.py` of a table, and helpers of tests.

`repository.py` held one class, which is in `service.py` now. A file that imports it is rewritten, as for a rename. It
works with the former tree too, whose `service.py` imports that class: a crash between the two writes breaks nothing.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from gatewright.errors import SetupError
from gatewright.files import write_whole
from gatewright.generator.plan import Change, Plan
from gatewright.links import refuse_links_out

_REPOSITORY = "/repository.py"
_TEST_HELPERS = ("tests/people.py", "tests/rows.py")
_NAMES_TEST_HELPERS = re.compile(rb"\bgenerated\.tests(\.(people|rows)\b|\s+import\b[^\n]*\b(people|rows)\b)")


def rewritten_imports(app: Path, plan: Plan) -> tuple[Change, ...]:
    """The app's own files that import a repository which *plan* folds into its service; paths within *app*."""
    gone = [change.path.removesuffix(_REPOSITORY) for change in plan.changes if _is_folded(change, plan)]
    changes = (_rewritten(app, path, gone) for path in own_files(app, plan.folder)) if gone else ()
    found = tuple(change for change in changes if change.old != change.new)
    refuse_links_out(app, *(app / change.path for change in found))
    return found


def write_imports(app: Path, changes: Collection[Change]) -> None:
    """Write what `rewritten_imports` found, each file whole.

    Raises:
        SetupError: A file can't be written. Those before it are written, and work as they are.
    """
    for change in changes:
        assert change.new is not None, "an import is rewritten, never removed"
        try:
            write_whole(app / change.path, change.new)
        except OSError as error:
            raise SetupError(f"{app / change.path} can't be written: {error.strerror}.") from error


def kept_helpers(app: Path, plan: Plan) -> tuple[str, ...]:
    """The helpers of former generated tests that *plan* removes and the app's own code imports: they stay."""
    gone = tuple(c.path for c in plan.changes if c.new is None and c.path in _TEST_HELPERS)
    is_used = gone and any(_NAMES_TEST_HELPERS.search(read_own(path)) for path in own_files(app, plan.folder))
    return gone if is_used else ()


def rewrite(source: bytes, folders: Collection[str]) -> bytes:
    """*source* with `generated.NAME.service` in the place of `generated.NAME.repository`, for each of *folders*."""
    names = "|".join(map(re.escape, folders)).encode()
    dotted = re.sub(rb"\bgenerated\.(%b)\.repository\b" % names, rb"generated.\1.service", source)
    lines = dotted.splitlines(keepends=True)
    # From the end, so that the places before it stay where they are.
    for alias in sorted(_aliases(dotted, folders), key=lambda each: (each.lineno, each.col_offset), reverse=True):
        line, start = lines[alias.lineno - 1], alias.col_offset
        end = start + len(b"repository")
        name = b"service" if alias.asname else b"service as repository"
        lines[alias.lineno - 1] = line[:start] + name + line[end:]
    return b"".join(lines)


def _aliases(source: bytes, folders: Collection[str]) -> Iterator[ast.alias]:
    """What `from app.generated.post import repository` imports."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        # Code that Python can't read imports nothing either.
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            parent, _, folder = node.module.rpartition(".")
            if parent.rpartition(".")[2] == "generated" and folder in folders:
                yield from (alias for alias in node.names if alias.name == "repository")


def _is_folded(change: Change, plan: Plan) -> bool:
    service = change.path.removesuffix(_REPOSITORY) + "/service.py"
    return change.new is None and change.path.endswith(_REPOSITORY) and service in plan.files


def _rewritten(app: Path, path: Path, folders: Collection[str]) -> Change:
    old = read_own(path)
    return Change(path.relative_to(app).as_posix(), old, rewrite(old, folders))


def own_files(app: Path, generated: Path) -> Iterator[Path]:
    """The Python files of `app/` and `tests/` that are the app's own; what a link leads to is left alone."""
    for parent in ("app", "tests"):
        for folder, subfolders, names in os.walk(app / parent):
            subfolders[:] = sorted(name for name in subfolders if (Path(folder) / name).resolve() != generated)
            paths = (Path(folder) / name for name in sorted(names) if name.endswith(".py"))
            yield from (path for path in paths if not path.is_symlink())


def read_own(path: Path) -> bytes:
    """The content of a file.

    Raises:
        SetupError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path} can't be read: {error.strerror}.") from error
