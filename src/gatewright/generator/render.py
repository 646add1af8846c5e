"""From the views of an app to the text of its files. Templates loop and print; what they print was decided before."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.errors import SetupError
from gatewright.generator.formatting import format_files
from gatewright.generator.literals import Code, docstring, literal

if TYPE_CHECKING:
    from jinja2 import Environment

    from gatewright.generator.model import AppView, TableView

_TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".jinja"

# Paths within `generated/`, with the templates that give them.
_OF_APP = {
    "__init__.py": "generated.py",
    "base.py": "base.py",
    "routers.py": "routers.py",
    "ruff.toml": "ruff.toml",
    "tests/__init__.py": "tests_package.py",
    "tests/conftest.py": "tests_conftest.py",
    "tests/test_resources.py": "tests_resources.py",
}
_OF_TABLE = {
    "{}/__init__.py": "package.py",
    "{}/models.py": "models.py",
    "{}/schemas.py": "schemas.py",
    "{}/service.py": "service.py",
    "{}/router.py": "router.py",
}
_OF_MODULE = {
    "__init__.py": "module_package.py",
    "service.py": "module_service.py",
    "router.py": "module_router.py",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of an app.

    Attributes:
        generated: Those of `generated/`, by their paths there.
        modules: Those of `modules/`, by their paths there.
    """

    generated: Mapping[str, bytes]
    modules: Mapping[str, bytes]


def render(app: AppView, templates: Path | None = None) -> Rendered:
    """The files of *app*, laid out.

    Args:
        templates: A folder with templates that take the place of those with the same names.

    Raises:
        SetupError: Jinja2 or ruff is missing, or a template is wrong.
    """
    environment = _environment(templates)
    generated = {path: _print(environment, template, app) for path, template in _OF_APP.items()}
    modules = {"__init__.py": _print(environment, "modules.py", app)}
    for table in app.tables:
        for pattern, template in _OF_TABLE.items():
            generated[pattern.format(table.folder)] = _print(environment, template, app, table)
        for name, template in _OF_MODULE.items():
            modules[f"{table.folder}/{name}"] = _print(environment, template, app, table)
    laid_out = format_files(_under("generated", generated) | _under("modules", modules), generated["ruff.toml"])
    return Rendered(_below("generated", laid_out), _below("modules", laid_out))


def template_names() -> list[str]:
    """The names of the templates that a team's own folder may replace."""
    return sorted(path.name for path in _TEMPLATES.glob(f"*{_SUFFIX}"))


def _print(environment: Environment, name: str, app: AppView, table: TableView | None = None) -> str:
    from jinja2 import TemplateError

    try:
        return environment.get_template(name + _SUFFIX).render(app=app, table=table)
    except (TemplateError, TypeError) as error:
        line = _line_of(error, name + _SUFFIX)
        raise SetupError(f"The template {name}{_SUFFIX} can't be printed{line}: {error}") from error


def _line_of(error: Exception, template: str) -> str:
    """Where in *template* it happened, or in a template that it includes."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).name == template]
    line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
    return "" if line is None else f", line {line}"


def _environment(templates: Path | None) -> Environment:
    for tool in ("jinja2", "ruff"):
        if find_spec(tool) is None:
            raise SetupError(f"{tool} is missing, which generating needs. Install it: pip install 'gatewright[dev]'")
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    _refuse_unknown(templates)
    folders = [_TEMPLATES] if templates is None else [templates, _TEMPLATES]
    # A team's templates come with its repository; they only print.
    environment = (jinja2.Environment if templates is None else ImmutableSandboxedEnvironment)(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        # A missing template ends in an error of Jinja2's own, which names it.
        finalize=_only(Code, jinja2.Undefined),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # Python source is printed, and what goes into it is escaped by literals.py.
        autoescape=False,
    )
    environment.filters.update(literal=literal, docstring=docstring)
    return environment


def _only(*printable: type) -> Callable[[object], object]:
    """The filter that refuses everything that literals.py did not make into source."""

    def only(value: object) -> object:
        if isinstance(value, printable):
            return value
        raise TypeError(f"it prints {type(value).__name__}, which is no source; use the filter literal or docstring")

    return only


def _refuse_unknown(templates: Path | None) -> None:
    """A misspelt name would be ignored otherwise."""
    if templates is None:
        return
    unknown = [path.name for path in sorted(templates.glob(f"*{_SUFFIX}")) if path.name not in template_names()]
    if unknown:
        raise SetupError(f"{templates}: there is no template {unknown[0]}. There are: {', '.join(template_names())}.")


def _under(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


def _below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path.removeprefix(f"{folder}/"): text for path, text in files.items() if path.startswith(f"{folder}/")}
