"""Keeps one throw-away PostgreSQL server for as long as somebody holds the other end of its standard input.

Run as a program of its own, so that one way of ending serves for all: a test run that closes the pipe and one
that was killed look the same from here, and either way the server is stopped and its folder removed.

    python keeper.py BINARIES [durable]    (prints the server's address as one line, or exits with a message)
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_START_ATTEMPTS = 5
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
}
# What a test writes does not have to survive a crash.
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Server:
    """A cluster in a folder of its own, which belongs to the user that the server runs as."""

    def __init__(self, binaries: Path, *, durable: bool) -> None:
        self._binaries = binaries
        self._settings = _SETTINGS if durable else {**_SETTINGS, **_FORGETFUL}
        self._owner = _unprivileged_user()
        self._password = secrets.token_urlsafe(24)
        self._folder = Path(tempfile.mkdtemp(prefix="gatewright-postgres-"))
        if self._owner is not None:
            os.chown(self._folder, self._owner.pw_uid, self._owner.pw_gid)

    def start(self) -> str:
        """Make the cluster and start it on a free port; returns its address."""
        self._make_cluster()
        for attempt in range(1, _START_ATTEMPTS + 1):
            port = _free_port()
            done = self._run("pg_ctl", "start", "--wait", "--log", str(self._folder / "log"), "--options", f"-p {port}")
            if done.returncode == 0:
                return f"postgresql://postgres:{self._password}@127.0.0.1:{port}/postgres"
            # Another program may have taken the port since it was found free.
            if attempt == _START_ATTEMPTS:
                raise RuntimeError((self._folder / "log").read_text()[-2000:] or done.stderr)
        raise AssertionError

    def stop(self) -> None:
        """End the server at once, with its connections, and remove its folder."""
        self._run("pg_ctl", "stop", "--mode", "immediate")
        shutil.rmtree(self._folder)

    def _make_cluster(self) -> None:
        password_file = self._folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if self._owner is not None:
            os.chown(password_file, self._owner.pw_uid, self._owner.pw_gid)
        options = ["--auth=scram-sha-256", f"--pwfile={password_file}", "--username=postgres"]
        done = self._run("initdb", *options, "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        password_file.unlink()
        with (self._folder / "data" / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        owner = self._owner
        command: Sequence[str] = [str(self._binaries / program), "--pgdata", str(self._folder / "data"), *arguments]
        # A file takes the output: the server keeps a pipe open that pg_ctl would hand it, and nobody would see its end.
        with (self._folder / "errors").open("w+") as errors:
            done = subprocess.run(
                command,
                cwd=self._folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                check=False,
            )
            errors.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, "", errors.read())


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Who the server runs as: root's stead is taken by Debian's user for it, anybody else runs it themselves."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Start the server, say where it is, and stop it when standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = Server(Path(sys.argv[1]), durable="durable" in sys.argv[2:])
    try:
        print(server.start(), flush=True)
        sys.stdin.read()
    except RuntimeError as failure:
        sys.exit(str(failure))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
