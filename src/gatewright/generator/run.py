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
from gatewright.generator.moved import kept_helpers, rewritten_imports, write_imports
from gatewright.generator.plan import Change, Plan, is_untouched, make_plan
from gatewright.generator.write import clean_up, make_missing, write_plan
from gatewright.links import refuse_links_out

GENERATED = Path("app/generated")
MODULES = Path("app/modules")

Fragments = Callable[[], Sequence[Table]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run changed, or would change.

    Attributes:
        changes: In the generated folder, by path; its manifest is left out.
        made: The folders of `app/modules/` that are new, by their names.
        imports: Files of the app's own whose imports follow a generated module that moved; paths within the app.
        notes: What was decided without being asked.
    """

    changes: tuple[Change, ...] = ()
    made: tuple[str, ...] = ()
    imports: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything is as the design says."""
        return not (self.changes or self.made or self.imports)

    def diff(self) -> str:
        """The changes of files as one unified diff."""
        generated = [change.diff(GENERATED.as_posix()) for change in self.changes]
        return "\n".join([*generated, *(change.diff("") for change in self.imports)])


@dataclass(frozen=True, slots=True)
class _Prepared:
    plan: Plan
    modules: Mapping[str, bytes]
    outcome: Outcome


def generate(app: Path, fragments: Fragments, *, templates: Path | None = None) -> Outcome:
    """Bring `app/generated/` to what the design says, and make the folders of `app/modules/` that are missing.

    Args:
        app: The folder that holds `db.design.json` and `app/`.
        fragments: The engine's part of the design; asked for only when there is something to do.
        templates: A folder with templates that take the place of those with the same names.

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
        clean_up(generated, modules)
        inputs = cache.inputs_of(_design_bytes(app), templates)
        if _is_current(app, inputs):
            return Outcome()
        prepared = _prepare(app, fragments, templates)
        # Imports first: they are right for the former tree too.
        write_imports(app, prepared.outcome.imports)
        # Then modules: nothing imports them before the generated tree does, which comes into place at once.
        if prepared.modules:
            make_missing(modules, prepared.modules)
        if prepared.plan.changes:
            write_plan(prepared.plan)
        cache.remember(app, generated, inputs)
    return prepared.outcome


def preview(app: Path, fragments: Fragments, *, templates: Path | None = None) -> Outcome:
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
    return _prepare(app, fragments, templates).outcome


def require_tools() -> None:
    """Refuse to go on without what writes code.

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
    """Keep Python's collector of cycles off: it looks for garbage in a tree of which nothing is garbage yet.

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
def _prepare(app: Path, fragments: Fragments, templates: Path | None) -> _Prepared:
    # These need the extra `dev`, which a server may lack.
    from gatewright.generator.model import app_view
    from gatewright.generator.notes import notes_on, notes_on_kept
    from gatewright.generator.render import render

    generated, modules = _folders(app)
    design = load_complete_design(app, fragments())
    view = app_view(design)
    rendered = render(view, templates)
    plan = make_plan(generated, rendered.generated)
    kept = kept_helpers(app, plan)
    plan = plan.without(kept)
    imports = rewritten_imports(app, plan)
    missing = _missing(modules, rendered.modules)
    changes = tuple(change for change in plan.changes if change.path != MANIFEST)
    made = tuple(sorted({path.partition("/")[0] for path in missing if "/" in path}))
    notes = (*notes_on(app, modules, design, view, changes), *notes_on_kept(kept))
    return _Prepared(plan, missing, Outcome(changes, made, imports, notes))


def _missing(modules: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What of *files* is in folders that are not there yet. A folder that is there belongs to the user."""
    there = {path.name for path in modules.iterdir()} if modules.exists() else set()
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
        return b""  # Reading the design says what is wrong.


def _folders(app: Path) -> tuple[Path, Path]:
    """The generated folder and the modules' folder, where they really are: in the app."""
    if not (app / "app").is_dir():
        raise SetupError(f"There is no folder app/ in {app.resolve()}. `gatewright init DIR` makes an app.")
    refuse_links_out(app, app / GENERATED, app / MODULES)
    return (app / GENERATED).resolve(), (app / MODULES).resolve()
