"""What `gatewright design import` can read: the one table of formats, and how a source is recognised."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from gatewright.cli.console import Refused, WrongUse
from gatewright.design.importers.imported import MAX_BYTES, Importer, SourceFile

if TYPE_CHECKING:
    from gatewright.design.document import Design
    from gatewright.design.importers.imported import Imported

_START = 200_000


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files.

    Attributes:
        name: What `--format` calls it.
        endings: Of the names of its files.
        reader: `module:function` of the importer, imported when it is used.
        sign: Matches the beginning of a file of this format, where several formats share an ending; None matches all.
    """

    name: str
    endings: tuple[str, ...]
    reader: str
    sign: re.Pattern[str] | None = None

    def read(self, files: Sequence[SourceFile], known: Design) -> Imported:
        """What the importer makes of *files*."""
        module, _, function = self.reader.partition(":")
        return cast("Importer", getattr(import_module(module), function))(files, known)


# Of the formats that share an ending, the first whose sign is found is taken.
FORMATS = (
    Format(
        "prisma",
        (".prisma",),
        "gatewright.design.importers.prisma:read_prisma",
        re.compile(r"^\s*(model|datasource|generator)\s+\w+\s*\{\s*(//.*)?$", re.MULTILINE),
    ),
    Format(
        "dbml",
        (".dbml",),
        "gatewright.design.importers.dbml:read_dbml",
        re.compile(r'^\s*(table|enum|project|tablepartial)\s+["\w][^\n{=]*\{', re.MULTILINE | re.IGNORECASE),
    ),
    Format(
        "chartdb",
        (".json",),
        "gatewright.design.importers.chartdb:read_chartdb",
        re.compile(r'^\s*\{[^[]*"databaseType"\s*:'),
    ),
    Format(
        "drawdb",
        (".json", ".ddb"),
        "gatewright.design.importers.drawdb:read_drawdb",
        re.compile(r'"(subjectAreas|startTableId|uniqueConstraints|increment)"\s*:'),
    ),
    Format("javascript", (".js", ".mjs", ".json", ".ts"), "gatewright.design.importers.javascript:read_tables"),
    Format(
        "sqlite",
        (".sql",),
        "gatewright.storage.dialects.sqlite_import:read_dump",
        re.compile(
            r"^(PRAGMA foreign_keys|PRAGMA page_size|-- SQLite|BEGIN TRANSACTION;|CREATE TABLE \[(?!dbo\]))",
            re.MULTILINE,
        ),
    ),
    Format(
        "mariadb",
        (".sql",),
        "gatewright.design.importers.mariadb_dump:read_dump",
        re.compile(
            r"^(/\*M!999999|/\*!4\d{4} SET|-- (MariaDB|MySQL|phpMyAdmin SQL) dump\b"
            r"|CREATE TABLE (IF NOT EXISTS )?`|\)\s*ENGINE\s*=)",
            re.MULTILINE | re.IGNORECASE,
        ),
    ),
    Format(
        "postgresql",
        (".sql",),
        "gatewright.design.importers.postgresql_dump:read_dump",
    ),
)
_MODELS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_DATABASE = re.compile("[A-Za-z0-9+]+://")


def format_names() -> list[str]:
    """The names that `--format` takes."""
    return [one.name for one in FORMATS]


def read_source(source: str, chosen: str | None, known: Design) -> Imported:
    """What the importer for *source* makes of it.

    Args:
        source: A file, a folder, the URL of a database, `package.module:Base`, or `-` for standard input.
        chosen: The name of the format; None recognises it by the name and the content.

    Raises:
        WrongUse: The source cannot be read, or its format is not known.
        Refused: It is too large, or it is no text.
        DesignError: The importer refuses it.
    """
    if chosen is None and _DATABASE.match(source):
        return _read_database(source, known)
    if chosen is None and _is_models(source):
        from gatewright.design.importers.sqlalchemy_models import read_models

        return read_models(source, known)
    files = _files(source)
    return _format(files, chosen).read(files, known)


def shown(source: str) -> str:
    """How messages name *source*."""
    if _DATABASE.match(source):
        return "the database"  # The URL may hold a password.
    return "standard input" if source == "-" else source


def _is_models(source: str) -> bool:
    return _MODELS.fullmatch(source) is not None and not Path(source).exists()


def _read_database(url: str, known: Design) -> Imported:
    from gatewright.settings.database_urls import kind_of, read_sqlite_url

    try:
        if kind_of(url) == "sqlite":
            from gatewright.storage.dialects.sqlite_import import read_file

            return read_file(read_sqlite_url(url).path, known)
        if kind_of(url) == "postgresql":
            return _read_postgresql(url, known)
    except ValueError as error:
        raise WrongUse(f"The URL of the database {error}.") from None
    raise WrongUse("The database has to be SQLite or PostgreSQL: sqlite:///shop.db, postgresql://host/shop.")


def _read_postgresql(url: str, known: Design) -> Imported:
    try:
        from gatewright.storage.dialects.postgresql_import import read_database
    except ImportError:
        raise Refused("PostgreSQL needs the extra postgres: pip install 'gatewright[postgres]'.") from None
    return read_database(url, known)


def read_text(source: str) -> str:
    """The text of a file, or of standard input.

    Raises:
        WrongUse: It cannot be read.
        Refused: It is too large, or not UTF-8.
    """
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if source == "-" else _content(Path(source))
    except OSError as error:
        raise WrongUse(f"{source} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise Refused(f"{shown(source)} has more than {MAX_BYTES >> 20} MiB. Dump the tables without their rows.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{shown(source)} is not UTF-8.") from None


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _files(source: str) -> list[SourceFile]:
    if source == "-" or not Path(source).is_dir():
        return [SourceFile(shown(source), read_text(source))]
    names = sorted(path for path in Path(source).rglob("*.prisma") if path.is_file())
    if not names:
        raise WrongUse(f"{source} is a folder without .prisma files. Name a file.")
    return [SourceFile(str(path), read_text(str(path))) for path in names]


def _format(files: Sequence[SourceFile], chosen: str | None) -> Format:
    if chosen is not None:
        return _named(chosen)
    name, start = files[0].name, files[0].text[:_START]
    with_ending = [one for one in FORMATS if Path(name).suffix.lower() in one.endings]
    if len(with_ending) == 1:
        return with_ending[0]
    for one in with_ending:
        if one.sign is None or one.sign.search(start):
            return one
    for one in FORMATS:
        if one.sign is not None and one.sign.search(start):
            return one
    if Path(name).suffix in ("", ".txt") or name == shown("-"):
        return _named("javascript")
    raise WrongUse(f"{name} has no format that can be recognised. Add --format: {', '.join(format_names())}.")


def _named(name: str) -> Format:
    for one in FORMATS:
        if one.name == name:
            return one
    raise WrongUse(f"There is no format {name}. Choose one of: {', '.join(format_names())}.")
