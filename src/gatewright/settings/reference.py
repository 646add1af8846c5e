"""The table of all settings, for the reference page and `gatewright doctor`."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gatewright.settings import names, values
from gatewright.settings.declare import SettingsPart

_PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "number",
    bool: "yes or no",
    timedelta: "duration",
    SecretStr: "secret",
    values.Network: "network",
    values.Proxy: "network or `unix`",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as the reference page shows it.

    Attributes:
        name: As in `gatewright.toml`, such as `argon2.iterations`; `NAME` stands for one of the user's choosing.
        variable: As in the environment, such as `GATEWRIGHT_ARGON2__ITERATIONS`; a secret's also ends in `_FILE`.
        type: In words, such as `duration` or `list of secret`.
        default: As a user would write it; empty for none.
        description: One sentence.
        section: The table in `gatewright.toml`, such as `roles.NAME`; empty for the top.
    """

    name: str
    variable: str
    type: str
    default: str
    description: str
    section: str


def describe(model: type[SettingsPart], sections: Mapping[str, type[SettingsPart]] | None = None) -> list[Row]:
    """Every setting of *model*, in the order of its fields, and of the *sections* of features."""
    known = {**names.known_settings(model), **names.section_settings(sections or {})}
    return [_row(path, field) for path, field in known.items()]


def _row(path: names.Path, field: FieldInfo) -> Row:
    return Row(
        name=".".join(path),
        variable=names.variable(path),
        type=_type(field.annotation),
        default="" if field.is_required() else _default(field.default),
        description=field.description or "",
        section=".".join(path[:-1]),
    )


def _type(annotation: Any) -> str:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is Annotated:
        return _type(arguments[0])
    if origin in {Union, types.UnionType}:
        return " or ".join(_type(kind) for kind in arguments if kind is not types.NoneType)
    return str(getattr(annotation, "__name__", annotation))


def _default(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(_default(item) for item in value)
    return values.spell_duration(value) if isinstance(value, timedelta) else str(value)
