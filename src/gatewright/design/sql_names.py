"""Names as SQL has them."""

from __future__ import annotations

import re

from gatewright.design.words import SQL_WORDS

_PLAIN_NAME = re.compile("[a-z_][a-z0-9_]*")
_SQLITE_WORDS = frozenset({"autoincrement", "commit", "escape", "nothing", "rollback", "transaction"})


def quoted_name(name: str) -> str:
    """*name* as SQL that SQLite and PostgreSQL both take."""
    is_plain = _PLAIN_NAME.fullmatch(name) and name not in SQL_WORDS | _SQLITE_WORDS
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def quoted_table(full_name: str) -> str:
    """The name of a table, with its schema if it has one, as SQL."""
    return ".".join(map(quoted_name, full_name.split(".")))
