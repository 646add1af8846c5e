"""How the URL of a SQLite file is read: by this module alone, for the server, every command and Alembic's `env.py`.

Every function raises ValueError with a sentence that begins with "should".
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote_to_bytes

KINDS = (
    "should be sqlite:///path/to/file.db or postgresql://user:password@host/database, without the name of a driver "
    "(MariaDB comes later)"
)
POSTGRESQL_SCHEMES = ("postgresql", "postgres")
_WITHOUT_EFFECT = frozenset(
    "check_same_thread cached_statements connection_limit pool pool_timeout socket_timeout".split()
)
_AS_HERE = frozenset({("uri", "true"), ("mode", "rwc"), ("mode", "rw"), ("cache", "private")})
"""Parameters that ask for what is done anyway."""
_MOST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """A URL of a SQLite file.

    Attributes:
        path: The file.
        busy_seconds: How long a statement waits for another process; None when the URL does not say.
        left_out: The parameters that have no effect here.
    """

    path: Path
    busy_seconds: float | None = None
    left_out: tuple[str, ...] = ()


def kind_of(url: str) -> str:
    """`sqlite`, `postgresql`, or the scheme of something else."""
    scheme = url.strip().partition(":")[0].lower()
    return "postgresql" if scheme in POSTGRESQL_SCHEMES else scheme


def read_sqlite_url(url: str) -> SqliteUrl:
    """Read `sqlite:///FILE`, also with SQLite's own `file:` in it (https://sqlite.org/uri.html).

    Raises:
        ValueError: It names no file, or has a parameter that would change what is stored.
    """
    scheme, separator, rest = url.strip().partition("://")
    if scheme.lower() != "sqlite" or not separator or not rest.startswith("/"):
        raise ValueError(KINDS)
    written, _, query = rest[1:].partition("?")
    path = os.fsdecode(unquote_to_bytes(_without_file_scheme(written)))
    if not path or ":memory:" in path or "\0" in path:
        raise ValueError("should name a file, such as sqlite:///path/to/file.db; a database in memory is not supported")
    busy_seconds, left_out = None, set()
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "timeout":
            busy_seconds = read_seconds(name, value)
        elif name in _WITHOUT_EFFECT:
            left_out.add(name)
        elif (name, value.lower()) not in _AS_HERE:
            raise ValueError(refuse_parameter(name, "Remove it; only timeout is supported"))
    return SqliteUrl(Path(path).absolute(), busy_seconds, tuple(sorted(left_out)))


def with_absolute_path(url: str) -> str:
    """The same URL of a SQLite file, so that it stays where it is when the working directory changes.

    Raises:
        ValueError: As in `read_sqlite_url`.
    """
    path = read_sqlite_url(url).path.as_posix()
    _, question_mark, query = url.strip().partition("?")
    # Only parts that would be read differently the next time: people compare the URL with what they wrote.
    return f"sqlite:///{re.sub('[%?]', lambda match: quote(match[0]), path)}{question_mark}{query}"


def _without_file_scheme(written: str) -> str:
    if not written.startswith("file:"):
        return written
    return re.sub("^//(localhost)?(?=/)", "", written.removeprefix("file:"))


def read_seconds(name: str, value: str) -> float:
    """The value of the parameter *name*, a number of seconds.

    Raises:
        ValueError: It is none.
    """
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _MOST_SECONDS:
        raise ValueError(f"should have {name} as a number of seconds from 0 to {_MOST_SECONDS}")
    return seconds


def refuse_parameter(name: str, advice: str) -> str:
    """The sentence that refuses the parameter *name*."""
    shown = name[:40] if re.fullmatch("[A-Za-z_][A-Za-z0-9_.-]*", name) else "that cannot be read"
    return f"should not have the parameter {shown}, which is not supported. {advice}"
