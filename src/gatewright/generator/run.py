"""One run of the generator in an app's folder."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gatewright.design.document import Table
from gatewright.design.files import FILE_NAME, load_complete_design
from gatewright.design.schema_file import keep_schema
from gatewright.errors import SetupError
from gatewright.generator import cache
from gatewright.generator.manifest import FILE_NAME as MANIFEST
from gatewright.generator.manifest import read_names
from gatewright.generator.moved import kept_helpers, rewritten_imports, write_imports
from gatewright.generator.plan import Change, Plan, is_untouched, make_plan
from gatewright.generator.renamed import Renames, names_of, notes_on_left, renames_since, rewritten
from gatewright.generator.write import clean_up, make_missing, moved_path, write_package, write_plan
from gatewright.links import refuse_links_out

PACKAGE = Path("app")
GENERATED = Path("app/generated")
MODULES = Path("app/modules")

Fragments = Callable[[], Sequence[Table]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run changed, or would change.

    Attributes:
        changes: In the generated folder, by path; its manifest is left out.
        made: The folders of `app/modules/` that are new, by their names.
        imports: Files of the app's own that follow what moved or got another name; former paths within the app.
        moved: Folders of `app/modules/` that move with their tables: the former names and the new ones.
        notes: What was decided without being asked.
    """

    changes: tuple[Change, ...] = ()
    made: tuple[str, ...] = ()
    imports: tuple[Change, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything is as the design says."""
        return not (self.changes or self.made or self.imports or self.moved)

    def diff(self) -> str:
        """The changes of files as one unified diff."""
        generated = [change.diff(GENERATED.as_posix()) for change in self.changes]
        return "\n".join([*generated, *(change.diff("") for change in self.imports)])


@dataclass(frozen=True, slots=True)
class _Prepared:
    plan: Plan
    modules: Mapping[str, bytes]
    outcome: Outcome
    is_rename: bool = False


def generate(app: Path, fragments: Fragments, *, templates: Path | None = None, move: bool = True) -> Outcome:
    """Make `app/generated/` match the design, and make the folders of `app/modules/` that are missing.

    Args:
        app: The folder that holds `db.design.json` and `app/`.
        fragments: The engine's part of the design; asked for only when there is something to do.
        templates: A folder with templates that take the place of those with the same names.
        move: Whether the app's own code follows tables and columns that got other names.

    Raises:
        DesignError: Something is wrong with the design.
        EditedFiles: A generated file was edited.
        SetupError: Another run is at work, the extra `dev` is not installed, the folder can't be written, or a link
            in it leads out of the app. In all these cases nothing was written.
    """
    generated, modules = _folders(app)
    require_tools()
    keep_schema(app)
    with cache.locked(app):
        clean_up((app / PACKAGE).resolve(), generated, modules)
        inputs = cache.inputs_of(_design_bytes(app), templates)
        if _is_current(app, inputs):
            return Outcome()
        prepared = _prepare(app, fragments, templates, move=move)
        if prepared.is_rename:
            _write_rename(app, prepared)
        else:
            _write(app, modules, prepared)
        cache.remember(app, generated, inputs)
    return prepared.outcome


def preview(app: Path, fragments: Fragments, *, templates: Path | None = None, move: bool = True) -> Outcome:
    """What `generate` would change; nothing is written.

    Raises:
        DesignError: Something is wrong with the design.
        EditedFiles: A generated file was edited.
        SetupError: The folder can't be read, or the extra `dev` is not installed.
    """
    _folders(app)
    require_tools()
    if _is_current(app, cache.inputs_of(_design_bytes(app), templates)):
        return Outcome()
    return _prepare(app, fragments, templates, move=move).outcome


def _write(app: Path, modules: Path, prepared: _Prepared) -> None:
    # Imports first: they are right for the former tree too.
    write_imports(app, prepared.outcome.imports)
    # Then modules: nothing imports them before the generated tree does, which comes into place at once.
    if prepared.modules:
        make_missing(modules, prepared.modules)
    if prepared.plan.changes:
        write_plan(prepared.plan)


def _write_rename(app: Path, prepared: _Prepared) -> None:
    """Write the app's own tests, and then the whole package at once.

    A run that is killed in between leaves an app that starts; the next one sees the rename again, and finds the tests
    as they are to be.
    """
    inside = [change for change in prepared.outcome.imports if change.path.startswith(f"{PACKAGE}/")]
    write_imports(app, [change for change in prepared.outcome.imports if change not in inside])
    moves = {f"{MODULES.name}/{old}": f"{MODULES.name}/{new}" for old, new in prepared.outcome.moved}
    own = {moved_path(change.path.removeprefix(f"{PACKAGE}/"), moves): change.new for change in inside}
    made = {f"{MODULES.name}/{path}": content for path, content in prepared.modules.items()}
    generated = {f"{GENERATED.name}/{change.path}": change.new for change in prepared.plan.changes}
    write_package((app / PACKAGE).resolve(), moves, {**own, **made, **generated})


def require_tools() -> None:
    """Refuse to run without the tools that write code.

    Raises:
        SetupError: The extra `dev` is not installed.
    """
    missing = [tool for tool in ("jinja2", "ruff") if find_spec(tool) is None]
    if missing:
        raise SetupError(
            f'Writing code needs {" and ".join(missing)}, which come with an extra. Run: pip install "gatewright[dev]"'
        )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python's garbage collector off: it searches a tree that has no garbage yet.

    Of a design with 500 tables, generating takes a fifth less time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collector()
def _prepare(app: Path, fragments: Fragments, templates: Path | None, *, move: bool) -> _Prepared:
    # These need the extra `dev`, which a server may lack.
    from gatewright.generator.model import app_view
    from gatewright.generator.notes import notes_on, notes_on_kept
    from gatewright.generator.render import render

    generated, modules = _folders(app)
    design = load_complete_design(app, fragments())
    view = app_view(design)
    rendered = render(view, templates)
    plan = make_plan(generated, rendered.generated, names_of(design))
    kept = kept_helpers(app, plan)
    plan = plan.without(kept)
    renames = renames_since(read_names(generated), design) if move else Renames()
    own = rewritten(app, generated, renames)
    moved = _moved(modules, renames)
    missing = _missing(modules, rendered.modules, dict(moved))
    changes = tuple(change for change in plan.changes if change.path != MANIFEST)
    made = tuple(sorted({path.partition("/")[0] for path in missing if "/" in path}))
    notes = (
        *notes_on(app, modules, design, view, changes, moved=dict(moved)),
        *notes_on_kept(kept),
        *notes_on_left(own.left),
    )
    imports = (*rewritten_imports(app, plan), *own.changes)
    return _Prepared(plan, missing, Outcome(changes, made, imports, moved, notes), is_rename=bool(renames.tables))


def _moved(modules: Path, renames: Renames) -> tuple[tuple[str, str], ...]:
    """The folders of modules that move: all that exist, unless a folder that does not move has the new name."""
    moves = {old: new for old, new in renames.moves.items() if (modules / old).is_dir()}
    if taken := [new for new in moves.values() if new not in moves and (modules / new).exists()]:
        raise SetupError(
            f"The modules cannot follow their tables: {modules.name}/{taken[0]}/ is there already. Join the folders "
            "by hand, and run: gatewright generate --no-move"
        )
    return tuple(sorted(moves.items()))


def _missing(modules: Path, files: Mapping[str, bytes], moved: Mapping[str, str]) -> dict[str, bytes]:
    """The *files* in folders that do not exist yet. An existing folder belongs to the user."""
    there = {moved.get(path.name, path.name) for path in modules.iterdir()} if modules.exists() else set()
    return {path: content for path, content in files.items() if path.partition("/")[0] not in there}


def _is_current(app: Path, inputs: str) -> bool:
    generated = app / GENERATED
    return cache.is_remembered(app, generated, inputs) and is_untouched(generated) and _has_modules(app)


def _has_modules(app: Path) -> bool:
    names = [path.name for path in (app / GENERATED).iterdir() if (path / "router.py").exists()]
    return all((app / MODULES / name).exists() for name in names)


def _design_bytes(app: Path) -> bytes:
    try:
        return (app / FILE_NAME).read_bytes()
    except OSError:
        return b""  # Reading the design reports the problem.


def _folders(app: Path) -> tuple[Path, Path]:
    """The generated folder and the modules' folder, where they really are: in the app."""
    if not (app / "app").is_dir():
        raise SetupError(f"There is no folder app/ in {app.resolve()}. `gatewright init DIR` makes an app.")
    refuse_links_out(app, app / GENERATED, app / MODULES)
    return (app / GENERATED).resolve(), (app / MODULES).resolve()
