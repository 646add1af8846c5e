"""The histories of revisions, and the table with the place of each. Imports no Alembic: a start only compares names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gatewright.design.files import design_file
from gatewright.files import MACHINE_FOLDER
from gatewright.migrations.revisions import Revisions
from gatewright.storage.schema import DefineTables

_HERE = Path(__file__).parent
FOLDER = "migrations"
VERSIONS = "versions"
DRAFTS = MACHINE_FOLDER / "draft"
VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class History:
    """A line of revisions.

    Attributes:
        name: As `migrate status` shows it.
        folder: Where its `versions/` are.
        version_table: The table that holds the revision which a database is at.
        head: The newest revision; None when there is none yet.
    """

    name: str
    folder: Path
    version_table: str
    head: str | None

    @property
    def revisions(self) -> Revisions:
        """The revisions as the folder holds them now."""
        return Revisions(self.folder / VERSIONS)


@dataclass(frozen=True)
class AppHistory(History):
    """The line of revisions of an app with a design of its own.

    Attributes:
        app: The app's folder.
    """

    app: Path

    @property
    def drafts(self) -> Revisions:
        """The drafts of `gatewright dev`, which other machines never see."""
        return Revisions(self.app / DRAFTS)


@dataclass(frozen=True)
class FeatureTables:
    """The tables that a feature brings. They belong to the kernel, and have a line of revisions of their own.

    Attributes:
        define: Adds them to a `MetaData`. Each name begins with `gatewright_`; a reference to `users.id` has
            `ondelete="CASCADE"` or `"SET NULL"`, so that an account can be erased.
        migrations: The folder in whose `versions/` the revisions are. They run after the app's own.
    """

    define: DefineTables
    migrations: Path

    def history(self, feature: str) -> History:
        """The line of revisions of the tables of *feature*.

        Raises:
            SetupError: They cannot be read, or there are two that come last.
        """
        head = Revisions(self.migrations / VERSIONS).head
        return History(feature, self.migrations, f"gatewright_{feature}_version", head)


KERNEL = History("kernel", _HERE / "kernel", "gatewright_version", "k0008")
BUILT_IN = History("built-in design", _HERE / "built_in", "gatewright_design_version", "d0001")
BUILT_IN_TABLES = ("users", "refresh_tokens", "email_verifications")
"""The names of the built-in design's tables, which every app's design has as well."""
HISTORIES = (KERNEL, BUILT_IN)
"""Those of an app without a design of its own."""


def app_history(app: Path) -> AppHistory:
    """The history of the app in the folder *app*.

    Raises:
        SetupError: Its revisions cannot be read, or there are two that come last.
    """
    folder = app / FOLDER
    return AppHistory("app", folder, VERSION_TABLE, Revisions(folder / VERSIONS).head, app)


def histories_of(app: Path) -> tuple[History, ...]:
    """The histories that a database of the app in the folder *app* has; the built-in design's without `db.design.json`.

    Raises:
        SetupError: As in `app_history`.
    """
    return (KERNEL, app_history(app)) if design_file(app).exists() else HISTORIES
