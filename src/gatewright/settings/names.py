"""The names of settings: as variables, in gatewright.toml, and as keywords."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gatewright.settings.declare import SettingsPart

PREFIX = "GATEWRIGHT_"
FILE = "_FILE"
ANY = "NAME"
"""The placeholder in a path for a name that the user chooses, as in `roles.NAME.permissions`."""

WITHOUT_PREFIX = ("DATABASE_URL", "REDIS_URL")

Path = tuple[str, ...]


def known_settings(model: type[SettingsPart]) -> Mapping[Path, FieldInfo]:
    """Every setting that *model* declares, with its path: `("argon2", "iterations")`."""
    return dict(_walk(model, ()))


def section_settings(sections: Mapping[str, type[SettingsPart]]) -> Mapping[Path, FieldInfo]:
    """Every setting of the sections of features, with its path."""
    return {path: field for name, kind in sections.items() for path, field in _walk(kind, (name,))}


def _walk(model: type[SettingsPart], path: Path) -> Iterator[tuple[Path, FieldInfo]]:
    for name, field in model.model_fields.items():
        part, further = _part_of(field.annotation)
        if part is None:
            yield (*path, name), field
        else:
            yield from _walk(part, (*path, name, *further))


def _part_of(annotation: object) -> tuple[type[SettingsPart] | None, Path]:
    """The class of a nested section (`Part`, `Part | None`) or of a table of them (`Mapping[str, Part]`)."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType} and len(arguments) == 2 and types.NoneType in arguments:
        return _part_of(next(kind for kind in arguments if kind is not types.NoneType))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _part_of(arguments[1])[0], (ANY,)
    if isinstance(annotation, type) and issubclass(annotation, SettingsPart):
        return annotation, ()
    return None, ()


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting's value must never be shown; such a setting can also come from a file."""
    return _mentions_secret(field.annotation)


def _mentions_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(_mentions_secret(part) for part in get_args(annotation))


def variable(path: Iterable[str]) -> str:
    """The variable of a setting: `GATEWRIGHT_ARGON2__ITERATIONS`."""
    return PREFIX + "__".join(part.upper() for part in path)


def match(known: Mapping[Path, FieldInfo], path: Path) -> Path | None:
    """The declared path that *path* is an instance of: `roles.NAME.permissions` for `roles.EDITOR.permissions`."""
    return next((pattern for pattern in known if _fits(pattern, path)), None)


def is_section(known: Mapping[Path, FieldInfo], path: Path) -> bool:
    """Whether there are settings below *path*."""
    return any(len(pattern) > len(path) and _fits(pattern[: len(path)], path) for pattern in known)


def _fits(pattern: Path, path: Path) -> bool:
    return len(pattern) == len(path) and all(wanted in {ANY, part} for wanted, part in zip(pattern, path, strict=True))


def locate_variable(known: Mapping[Path, FieldInfo], name: str) -> tuple[Path, bool] | None:
    """The setting that variable *name* gives, and whether it names a file with the value; None for no setting."""
    if name.removesuffix(FILE) in WITHOUT_PREFIX:
        name = PREFIX + name
    if (path := _path_of_variable(known, name)) is not None:
        return path, False
    if name.endswith(FILE) and (path := _path_of_variable(known, name.removesuffix(FILE))) is not None:
        pattern = match(known, path)
        return (path, True) if pattern and is_secret(known[pattern]) else None
    return None


def _path_of_variable(known: Mapping[Path, FieldInfo], name: str) -> Path | None:
    given = tuple(name.removeprefix(PREFIX).split("__"))
    for pattern in known:
        # What the user names keeps its case; all else is upper case in a variable.
        if _fits(tuple(part if part == ANY else part.upper() for part in pattern), given):
            return tuple(mine if part == ANY else part for part, mine in zip(pattern, given, strict=True))
    return None


def nearest_variable(known: Mapping[Path, FieldInfo], name: str) -> str | None:
    """The variable that was probably meant by *name*."""
    given = name[len(PREFIX) :].upper()
    names = [variable(path).removeprefix(PREFIX) for path in _named_like(known, tuple(given.split("__")))]
    names += [variable(path).removeprefix(PREFIX) + FILE for path, field in known.items() if is_secret(field)]
    # No other setting comes from a file: GATEWRIGHT_ISSUER_FILE means GATEWRIGHT_ISSUER.
    found = given.removesuffix(FILE) if given.removesuffix(FILE) in names else _nearest(given, names)
    return None if found is None else PREFIX + found


def nearest_path(known: Mapping[Path, FieldInfo], path: Path) -> str | None:
    """The dotted name of the setting or section that was probably meant by *path*."""
    shapes = {pattern[:depth]: known[pattern] for pattern in known for depth in range(1, len(pattern) + 1)}
    return _nearest(".".join(path).lower(), [".".join(shape) for shape in _named_like(shapes, path)])


def _named_like(known: Iterable[Path], given: Path) -> Iterator[Path]:
    """The declared paths, with the user's own names where they leave one open."""
    for pattern in known:
        yield tuple(given[index] if part == ANY and index < len(given) else part for index, part in enumerate(pattern))


def _nearest(given: str, names: list[str]) -> str | None:
    return next(iter(difflib.get_close_matches(given, names, n=1)), None)
