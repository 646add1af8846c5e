"""The nginx configuration of the docs, run by nginx: what it answers, passes on and logs."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.cli.conftest import PRODUCTION, SECRET, Shell, free_port, until
from tests.docs.blocks import blocks_of

pytestmark = [pytest.mark.extra, pytest.mark.xdist_group("nginx")]

PAGE = "docs/how-to/deploy-behind-https.md"
HOST = "auth.example.com"
TOKEN = "a-token-of-a-mailed-link"
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Proxy:
    """nginx with the configuration of the docs, on free ports."""

    folder: Path
    authority: Authority
    http: int
    https: int
    upstream: int

    @property
    def configuration(self) -> Path:
        """The whole of it: the page's file within what Debian's nginx.conf puts around it."""
        (snippet,) = (block.text for block in blocks_of(PAGE) if block.argument == f"{HOST}.conf")
        made = self.authority.certificate(HOST, "localhost", "127.0.0.1")
        for printed, here in {
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.https} ssl;",
            "/etc/ssl/auth.example.com.pem": str(made.file),
            "/etc/ssl/auth.example.com.key": str(made.key_file),
            "/var/log/nginx": str(self.folder),
            "127.0.0.1:3000": f"127.0.0.1:{self.upstream}",
        }.items():
            assert printed in snippet
            snippet = snippet.replace(printed, here)
        temporary = "".join(f"{name}_temp_path {self.folder}/{name};\n" for name in FOLDERS)
        file = self.folder / "nginx.conf"
        file.write_text(f"pid {self.folder}/nginx.pid;\nevents {{}}\nhttp {{\n{temporary}{snippet}}}\n")
        return file

    @property
    def logged(self) -> str:
        """Both logs."""
        return "".join(file.read_text() for file in self.folder.glob("*.log"))

    def ask(self, *options: str, port: int | None = None, path: str = "/") -> str:
        """What curl shows of an answer: status, headers, body."""
        port = port or self.https
        scheme = "http" if port == self.http else "https"
        resolve = ("--resolve", f"{HOST}:{port}:127.0.0.1", "--cacert", str(self.authority.file))
        url = f"{scheme}://{HOST}:{port}{path}"
        command = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", *resolve, *options, url]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    @contextmanager
    def running(self, program: Path) -> Iterator[None]:
        """The program, from its first answer on."""
        command = [str(program), "-e", f"{self.folder}/start.log", "-c", str(self.configuration)]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        # Its workers would lose what only this user may read.
        user = "user root;" if os.geteuid() == 0 else ""
        process = subprocess.Popen([*command, "-g", f"daemon off; {user}"])
        try:
            until(lambda: is_open(self.https), what="nginx")
            yield
        finally:
            process.terminate()
            process.wait(30)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    folder = tmp_path / "nginx"
    folder.mkdir()
    return Proxy(folder, Authority(tmp_path), free_port(), free_port(), free_port())


def test_a_server_behind_it_stands_every_probe(
    nginx_path: Path, proxy: Proxy, sqlite_shell: Shell, tmp_path: Path
) -> None:
    """`gatewright doctor` finds nothing from outside, by the certificate of an authority of one's own."""
    sqlite_shell.settings |= {
        **PRODUCTION,
        "GATEWRIGHT_ENVIRONMENT": "production",
        "GATEWRIGHT_SECRET": SECRET,
        "GATEWRIGHT_TRUSTED_PROXIES": "127.0.0.1",
        "GATEWRIGHT_ARGON2__ITERATIONS": "5",
    }
    with sqlite_shell.serving() as server, _forwarding(proxy, server.port), proxy.running(nginx_path):
        ended = sqlite_shell.run(
            *("doctor", f"https://localhost:{proxy.https}", "--ca", str(proxy.authority.file)), "--json"
        )
        assert ended.status == 0, ended.out
        page = proxy.ask(path=f"/auth/pages/verify-email?token={TOKEN}")
        assert " 200" in page.partition("\n")[0] or " 303" in page.partition("\n")[0]
        redirect = proxy.ask(port=proxy.http, path=f"/auth/pages/verify-email?token={TOKEN}")
    assert redirect.startswith("HTTP/1.1 308")
    assert f"\nLocation: https://{HOST}/auth/pages/verify-email?token={TOKEN}\n" in redirect
    assert "server: nginx\n" in page.lower()
    assert "/auth/pages/verify-email" in proxy.logged
    assert TOKEN not in proxy.logged


def test_no_client_chooses_where_it_is_sent(nginx_path: Path, proxy: Proxy) -> None:
    """Whatever `Host` says, port 80 leads to the one name."""
    with proxy.running(nginx_path):
        for host in ("evil.example", f"{HOST}.evil.example"):
            redirect = proxy.ask("--header", f"Host: {host}", port=proxy.http)
            assert f"\nLocation: https://{HOST}/\n" in redirect


def test_no_token_is_logged_while_the_server_is_down(nginx_path: Path, proxy: Proxy) -> None:
    """Its error log, unless it begins at crit, has the whole line of each request that failed."""
    with proxy.running(nginx_path):
        assert proxy.ask(path=f"/auth/pages/verify-email?token={TOKEN}").startswith("HTTP/1.1 502")
    assert " 502 " in proxy.logged
    assert TOKEN not in proxy.logged


def test_a_websocket_and_the_clients_address_get_through(nginx_path: Path, proxy: Proxy) -> None:
    """The server sees the upgrade, the address that really connected, and a request id that no client chose."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "X-Forwarded-For": "203.0.113.9",
        "X-Request-Id": "chosen-by-a-client",
    }
    options = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    with _echo(proxy.upstream) as heads, proxy.running(nginx_path):
        proxy.ask("--http1.1", *options, path="/socket")
        proxy.ask(path="/plain")
    upgrade, plain = (head.lower() for head in heads)
    assert "upgrade: websocket\r\n" in upgrade
    assert "connection: upgrade\r\n" in upgrade
    assert f"host: {HOST}\r\n" in upgrade
    assert "x-forwarded-for: 127.0.0.1\r\n" in upgrade
    assert "203.0.113.9" not in upgrade
    assert "chosen-by-a-client" not in upgrade
    assert "upgrade" not in plain


@contextmanager
def _echo(port: int) -> Iterator[list[str]]:
    """A server that keeps the head of each request, and answers 204."""
    heads: list[str] = []

    def answer() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heads.append(connection.recv(65536).decode())
                connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", port)) as listener:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        try:
            yield heads
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@contextmanager
def _forwarding(proxy: Proxy, port: int) -> Iterator[None]:
    """Have the proxy reach the server, which chose its port itself."""
    object.__setattr__(proxy, "upstream", port)
    yield
