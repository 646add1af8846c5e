"""What the Alembic of an app beside Gatewright must leave alone: without it, autogenerate drops all of our tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewright.design.files import FILE_NAME
from gatewright.design.naming import snake_plural
from gatewright.errors import SetupError
from gatewright.migrations.histories import BUILT_IN_TABLES, FOLDER, VERSION_TABLE, VERSIONS
from gatewright.migrations.revisions import Revisions

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem

_KERNEL_PREFIX = "gatewright_"


def include_name(name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Whether an app's own Alembic may look at *name* in the database; for `context.configure` in its `env.py`.

    Gatewright's tables are not its own: the kernel's (`gatewright_…`) in every schema, and those of the built-in design
    and of the `db.design.json` in the working directory or a folder above it, each in its schema.

    Args:
        name: A schema, a table, or a part of one.
        kind: What it is, as Alembic says: `schema`, `table`, `column`, …
        parents: What it is in; `schema_name` is None for the default schema.

    Raises:
        SetupError: The app's design or its migrations cannot be read.
    """
    return kind != "table" or not _is_ours(name, parents.get("schema_name"))


def include_object(item: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """As `include_name`, also for tables in the app's metadata: where its models refer to one of Gatewright's.

    Raises:
        SetupError: As in `include_name`.
    """
    return kind != "table" or not _is_ours(name, getattr(item, "schema", None))


def _is_ours(table: str | None, schema: str | None) -> bool:
    name = str(table)
    return name.startswith(_KERNEL_PREFIX) or _full(name, schema) in _tables_of(_app_folder())


def _full(table: str, schema: str | None) -> str:
    return f"{schema}.{table}" if schema else table


def _app_folder() -> Path | None:
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), None)


@cache
def _tables_of(app: Path | None) -> frozenset[str]:
    # The table with the place of an app's own history; an Alembic with the same version table ignores it already.
    names = {VERSION_TABLE, *BUILT_IN_TABLES}
    if app is not None:
        revisions = Revisions(app / FOLDER / VERSIONS)
        # The database may be at one of them, before what the design says now.
        for revision in revisions:
            names |= {table.full_name for table in revisions.design_at(revision.id).tables}
        names |= set(_names_in(app / FILE_NAME))
    return frozenset(names)


def _names_in(design: Path) -> list[str]:
    try:
        tables = json.loads(design.read_bytes())["tables"]
        return [_full(table.get("dbName") or snake_plural(table["name"]), table.get("dbSchema")) for table in tables]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise SetupError(f"{design}: the names of its tables cannot be read. Run: gatewright design check") from None
