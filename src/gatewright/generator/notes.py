"""Notes for the person who generates: decisions that were made without asking, and what is left to do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gatewright.design.document import Design
from gatewright.generator import words
from gatewright.generator.model import AppView, named_permissions, named_roles
from gatewright.generator.plan import Change
from gatewright.generator.samples import SampleRows
from gatewright.roles import BUILT_IN_ROLES, grants


def notes_on(
    app: Path, modules: Path, design: Design, view: AppView, changes: Sequence[Change], *, moved: Mapping[str, str]
) -> Iterator[str]:
    """The notes on a run that makes *changes*.

    Args:
        app: The app's folder.
        modules: Its folder of modules.
        moved: The new names of folders there that this run moves.
    """
    samples = SampleRows(design)
    for each in design.tables:
        if not each.is_system and (problem := samples.problem(each)):
            yield f"The generated tests make no {words.many(each)}: {problem}."
    for table in view.tables:
        if table.folder in moved.values():
            continue
        if (modules / table.folder).exists() and not (modules / table.folder / "router.py").exists():
            spot = f"{modules.name}/{table.folder}"
            yield f"{spot}/router.py is missing, so the app cannot start. Delete {spot}/ to have it written again."
    yield from _notes_on_rules(design, _roles(app))
    for folder in _left_over(modules, changes):
        if folder not in moved:
            yield f"{modules.name}/{folder}/ stays, although its table is gone. Delete it if nothing needs it."


def _notes_on_rules(design: Design, roles: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for role, tables in named_roles(design).items():
        if role not in (*BUILT_IN_ROLES, *roles):
            remedy = f"Add [roles.{role}] to gatewright.toml."
            yield f"No account can have the role {role}, which the access rules of {', '.join(tables)} name. {remedy}"
    for permission, tables in named_permissions(design).items():
        if not any(grants(granted, permission) for granted in roles.values()):
            named = f"which the access rules of {', '.join(tables)} name"
            yield f"Only ADMIN has the permission {permission}, {named}. Add it to [roles.NAME] in gatewright.toml."


def notes_on_kept(paths: Sequence[str]) -> Iterator[str]:
    """The notes on generated files that stay because code of the app's own imports them."""
    for path in paths:
        yield f"generated/{path} is no longer generated. It stays, since your code imports it, and is yours to edit."


def _left_over(modules: Path, changes: Sequence[Change]) -> Iterator[str]:
    """The folders of modules whose table this run removes."""
    for change in changes:
        folder, _, name = change.path.rpartition("/")
        if change.new is None and name == "router.py" and (modules / folder).exists():
            yield folder


def _roles(app: Path) -> dict[str, list[str]]:
    """The roles in the app's settings, with their permissions. Commands that read the settings report mistakes."""
    try:
        roles = tomllib.loads((app / "gatewright.toml").read_text("utf-8-sig")).get("roles", {})
    except (OSError, ValueError):
        return {}
    tables = roles.items() if isinstance(roles, dict) else ()
    return {name: _permissions(table) for name, table in tables}


def _permissions(role: object) -> list[str]:
    permissions = role.get("permissions") if isinstance(role, dict) else None
    return [str(each) for each in permissions] if isinstance(permissions, list) else []
