"""Debian's Postfix, with a configuration, a queue and a mailbox of its own; the machine's own one is left alone."""

from __future__ import annotations

import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

from tests.services import debian
from tests.smtp import self_made_certificate

_PROGRAM = Path("/usr/sbin/postfix")
_MASTER = Path("/usr/lib/postfix/sbin/master")
_TEMPLATES = Path("/usr/share/postfix")
"""What Debian's package makes the machine's own configuration of."""

_START_SECONDS = 30.0
_MOST_SECONDS = 300
"""Then it ends by itself, should the tests have been killed."""


class PostfixUnavailable(Exception):
    """There is no Postfix to test with; the message says why and what to do."""


@dataclass(frozen=True)
class Postfix:
    """One that runs."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """As `MAIL_URL` has it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that it has written."""
        return (self.folder / "log").read_text()

    def mails(self) -> dict[str, EmailMessage]:
        """What has arrived, by the address of its envelope."""
        found = {}
        for file in (self.folder / "mailbox/new").glob("*"):
            mail = message_from_bytes(file.read_bytes(), policy=SMTPUTF8)
            assert isinstance(mail, EmailMessage)
            found[str(mail["X-Original-To"])] = mail
        return found


def find_or_install() -> Path:
    """The program.

    Raises:
        PostfixUnavailable: It is not installed, cannot be installed by us, or cannot be started by us.
    """
    if not debian.may_install():
        raise PostfixUnavailable("Postfix is only tested as Debian has it, and only root starts it")
    if not _PROGRAM.exists():
        try:
            debian.install("postfix")
        except debian.CannotInstall as failure:
            raise PostfixUnavailable(str(failure)) from None
    if not _PROGRAM.exists():
        raise PostfixUnavailable("Debian's package postfix brought no such program")
    return _PROGRAM


@contextmanager
def started(program: Path, **settings: str) -> Iterator[Postfix]:
    """Run Postfix on a free port of the loopback; *settings* are those of its `main.cf`.

    Mails for all addresses arrive in one mailbox, and none leaves the machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="gatewright-postfix-"))
    server = Postfix(folder, _free_port())
    try:
        _configure(server, settings)
        _run(program, "-c", folder / "etc", "check")
        with _running(server):
            yield server
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(server: Postfix) -> Iterator[None]:
    command = [str(_MASTER), "-c", str(server.folder / "etc"), "-d", "-e", str(_MOST_SECONDS)]
    with (server.folder / "errors").open("w") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True
        )
    try:
        _wait_for(server, process)
        yield
    finally:
        # It ends its processes with itself.
        process.terminate()
        process.wait(_START_SECONDS)


def _configure(server: Postfix, settings: dict[str, str]) -> None:
    server.folder.chmod(0o755)
    for name in ("etc", "queue", "data", "mailbox"):
        (server.folder / name).mkdir()
    shutil.chown(server.folder / "data", "postfix")
    shutil.chown(server.folder / "mailbox", "nobody", "nogroup")
    main, master = server.folder / "etc/main.cf", server.folder / "etc/master.cf"
    main.write_text("".join((_TEMPLATES / name).read_text() for name in ("main.cf.debian", "main.cf.tls")))
    services = (_TEMPLATES / "master.cf.dist").read_text()
    assert "\nsmtp      inet " in services
    master.write_text(services.replace("\nsmtp      inet ", f"\n127.0.0.1:{server.port} inet "))
    self_made_certificate(server.folder)
    postconf = ("postconf", "-c", server.folder / "etc")
    _run(*postconf, "-e", *(f"{name}={value}" for name, value in (_settings(server) | settings).items()))
    # The package copies the machine's files into the queue for it.
    _run(*postconf, "-F", "*/*/chroot=n")


def _settings(server: Postfix) -> dict[str, str]:
    folder, unprivileged = server.folder, pwd.getpwnam("nobody")
    return {
        "myhostname": "mail.example.com",
        "inet_protocols": "ipv4",
        "queue_directory": f"{folder}/queue",
        "data_directory": f"{folder}/data",
        "maillog_file": f"{folder}/log",
        "maillog_file_prefixes": str(folder),
        "smtpd_tls_cert_file": f"{folder}/mail.pem",
        "smtpd_tls_key_file": f"{folder}/mail.pem",
        "smtpd_tls_loglevel": "1",
        # Nobody answers names here.
        "smtpd_peername_lookup": "no",
        "mydestination": "",
        "virtual_mailbox_domains": "static:all",
        "virtual_mailbox_maps": "static:mailbox/",
        "virtual_mailbox_base": str(folder),
        "virtual_uid_maps": f"static:{unprivileged.pw_uid}",
        "virtual_gid_maps": f"static:{unprivileged.pw_gid}",
    }


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {(done.stderr or done.stdout).decode()[-1000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(server: Postfix, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    files = (server.folder / name for name in ("errors", "log"))
    raise RuntimeError("Postfix did not start: " + "".join(file.read_text() for file in files if file.exists()))
