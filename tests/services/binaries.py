"""Where PostgreSQL's server programs are; Debian's package is installed where they are missing and we are root."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.services import debian

_DEBIAN_VERSIONS = Path("/usr/lib/postgresql")
_CLUSTER_DEFAULTS = Path("/etc/postgresql-common/createcluster.d")


class PostgresUnavailable(Exception):
    """There is no PostgreSQL to test on; the message says why and what to do."""


def find() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, of the newest version that is installed, or None."""
    for folder in sorted(_DEBIAN_VERSIONS.glob("*/bin"), key=_version, reverse=True):
        if (folder / "initdb").exists():
            return folder
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def find_or_install() -> Path:
    """The folder of `initdb` and `pg_ctl`.

    Raises:
        PostgresUnavailable: It is not installed, and cannot be installed by us.
    """
    folder = find()
    if folder is None:
        _install()
        folder = find()
    if folder is None:
        raise PostgresUnavailable("Debian's package postgresql brought no server programs; set TEST_POSTGRES_URL")
    return folder


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def _install() -> None:
    if not debian.may_install():
        raise PostgresUnavailable("no PostgreSQL server is installed here; install one or set TEST_POSTGRES_URL")
    _CLUSTER_DEFAULTS.mkdir(parents=True, exist_ok=True)
    no_cluster = _CLUSTER_DEFAULTS / "gatewright-tests.conf"
    # Without it Debian makes a cluster of its own, and starts it.
    no_cluster.write_text("create_main_cluster = false\n")
    try:
        debian.install("postgresql")
    except debian.CannotInstall as failure:
        raise PostgresUnavailable(str(failure)) from None
    finally:
        no_cluster.unlink()
