"""PgBouncer in transaction mode before a PostgreSQL server: Debian's own, and a newer one that keeps statements."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.services import debian

_NEWER_RELEASE = "trixie"
_NEWER_PACKAGES = (
    "pgbouncer libc6 libcares2 libevent-2.1-7t64 libssl3t64 libpam0g libsystemd0 libaudit1 libcap-ng0 libcap2 libzstd1 "
    "zlib1g libgcc-s1"
).split()
"""PgBouncer and what it links: the newer release has a newer C library, so that nothing of ours would do."""

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_START_SECONDS = 10.0
_SERVER_CONNECTIONS = 3


class PgbouncerUnavailable(Exception):
    """There is no PgBouncer to test with; the message says why and what to do."""


def find_or_install() -> Path:
    """Debian's own PgBouncer.

    Raises:
        PgbouncerUnavailable: It is not installed, and cannot be installed by us.
    """
    found = _find()
    if found is None:
        if not debian.may_install():
            raise PgbouncerUnavailable("no PgBouncer is installed here (on Debian: apt-get install pgbouncer)")
        try:
            debian.install("pgbouncer")
        except debian.CannotInstall as failure:
            raise PgbouncerUnavailable(str(failure)) from None
        found = _find()
    if found is None:
        raise PgbouncerUnavailable("Debian's package pgbouncer brought no such program")
    return found


def download_newer(folder: Path) -> None:
    """Unpack the PgBouncer of a newer Debian, with its libraries, into *folder*; the system stays as it is.

    Raises:
        PgbouncerUnavailable: It cannot be downloaded.
    """
    for name in ("lists/partial", "cache/archives/partial", "packages"):
        (folder / name).mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {_NEWER_RELEASE} main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        # The folder is ours alone.
        "APT::Sandbox::User": "root",
    }
    apt_get = ["apt-get", "--quiet", *(f"--option={name}={value}" for name, value in options.items())]
    _run([*apt_get, "update"], folder)
    _run([*apt_get, "download", *(f"{name}/{_NEWER_RELEASE}" for name in _NEWER_PACKAGES)], folder / "packages")
    for package in (folder / "packages").glob("*.deb"):
        _run(["dpkg-deb", "--extract", str(package), str(folder / "root")], folder)
    folder.chmod(0o755)


def newer_command(folder: Path) -> list[str]:
    """How the PgBouncer in *folder* is run: by its own loader, with its own libraries."""
    libraries = next((folder / "root/usr/lib").glob("*-linux-gnu"))
    loader = next(libraries.glob("ld-linux*"))
    return [str(loader), "--library-path", str(libraries), str(folder / "root/usr/sbin/pgbouncer")]


@contextmanager
def started(command: Sequence[str], server_url: str) -> Iterator[str]:
    """Run PgBouncer on a free port, as an unprivileged user; the URL of the same database through it."""
    server = urlsplit(server_url)
    port = _free_port()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="gatewright-pgbouncer-"))
    (folder / "users.txt").write_text(f'"{server.username}" "{unquote(server.password or "")}"\n')
    (folder / "pgbouncer.ini").write_text(_configuration(server.hostname or "", server.port or 5432, port, folder))
    if user is not None:
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, str(folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
        )
    try:
        _wait_for(port, process, folder / "log")
        yield server._replace(netloc=f"{server.username}:{server.password}@127.0.0.1:{port}").geturl()
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _configuration(host: str, server_port: int, port: int, folder: Path) -> str:
    # Few connections of the server for many clients, so that no client keeps one for itself.
    return f"""
[databases]
* = host={host} port={server_port}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {_SERVER_CONNECTIONS}
max_client_conn = 500
"""


def _find() -> Path | None:
    # Debian has it where only root's PATH leads.
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    return Path(found) if found else None


def _mirror() -> str:
    """Where this machine gets its packages."""
    uris = _run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], Path("/")).split()
    mirrors = [uri for uri in uris if "security" not in uri]
    if not mirrors:
        raise PgbouncerUnavailable("a newer PgBouncer cannot be downloaded: apt-get knows no mirror")
    return mirrors[0]


def _run(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    except (FileNotFoundError, subprocess.TimeoutExpired) as failure:
        raise PgbouncerUnavailable(f"a newer PgBouncer cannot be downloaded: {failure}") from None
    if done.returncode != 0:
        raise PgbouncerUnavailable(f"a newer PgBouncer cannot be downloaded: {done.stderr.strip()[-300:]}")
    return done.stdout


def _unprivileged_user() -> pwd.struct_passwd | None:
    """The user that it runs as where we are root, which it refuses to be."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"PgBouncer did not start: {log.read_text()[-1000:]}")
