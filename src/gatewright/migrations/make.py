"""`migrate make`: a revision from a change of the design."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gatewright.design.difference import compare, keep_ids
from gatewright.design.document import DefaultValue, Design
from gatewright.design.values import default_of
from gatewright.errors import SetupError
from gatewright.migrations.fills import Expression
from gatewright.migrations.histories import FOLDER, VERSIONS, app_history
from gatewright.migrations.layout import lay_out
from gatewright.migrations.losses import DataLoss
from gatewright.migrations.plan import Defaults, needs_default
from gatewright.migrations.revision_files import script_between, seal, write

_LONGEST_SLUG = 40
_LONGEST_MESSAGE = 100
_WAY_OUT = "Add --allow-data-loss to make it all the same, or --default TABLE.COLUMN=VALUE for what is required."


def make(
    app: Path,
    design: Design,
    message: str,
    *,
    allow_data_loss: bool = False,
    defaults: Mapping[str, str] | None = None,
    expressions: Mapping[str, str] | None = None,
) -> Path | None:
    """Write the revision that leads from the newest one to *design*, with its snapshot: both or none.

    The starting point is the newest revision's snapshot; no database is asked.

    Args:
        app: The app's folder.
        design: The app's design, completed.
        message: What the change is for; its words name the file.
        allow_data_loss: Whether it may lose data, or fail for the rows that are there.
        defaults: Values for the rows that are there, by `Table.column`, as they would stand in the design.
        expressions: The same as SQL, over the other columns of the row.

    Returns:
        The script; None when the design changes nothing in the database.

    Raises:
        DataLoss: It can lose data.
        SetupError: Something of it is not built yet, a default does not fit, or the folder cannot be written.
    """
    history = app_history(app)
    old = history.revisions.design_at(history.head)
    values = _defaults(old, design, defaults or {}, expressions or {})
    script = script_between(old, design, history.head, checked_message(message), values)
    if script is None:
        return None
    if script.plan.losses and not allow_data_loss:
        raise DataLoss(script.plan.losses, _WAY_OUT)
    try:
        lay_out(app)
        path = write(app / FOLDER / VERSIONS, script, slug_of(message))
        seal(history, script.id)
    except OSError as error:
        raise SetupError(f"The migration cannot be written: {error.filename}: {error.strerror}.") from None
    return path


def checked_message(text: str) -> str:
    """*text* on one line.

    Raises:
        SetupError: It is empty or too long.
    """
    message = " ".join(text.split())
    if not message or len(message) > _LONGEST_MESSAGE:
        raise SetupError(f"A migration needs a message of at most {_LONGEST_MESSAGE} characters, such as: -m posts")
    return message


def slug_of(message: str) -> str:
    """The part of a file's name that comes from *message*."""
    words = "_".join(re.findall("[a-z0-9]+", message.lower()))
    return words[:_LONGEST_SLUG].strip("_") or "migration"


def _defaults(old: Design, new: Design, given: Mapping[str, str], expressions: Mapping[str, str]) -> Defaults:
    if not given and not expressions:
        return {}
    columns = needs_default(compare(old, keep_ids(old, new)))
    for option, places in (("--default", given), ("--default-sql", expressions)):
        for place in places:
            if place not in columns:
                raise SetupError(
                    f"{option} {place}: no such column becomes required ({', '.join(columns) or 'none does'})."
                )
    defaults: dict[str, DefaultValue | Expression] = {place: Expression(sql) for place, sql in expressions.items()}
    for place, text in given.items():
        try:
            defaults[place] = default_of(text, columns[place].type)
        except ValueError as error:
            raise SetupError(f"--default {place}: {error}.") from None
    return defaults
