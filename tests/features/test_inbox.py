"""The inbox of a developer's machine, and who may look into it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.cli.greeting import greeting
from gatewright.core.mail.inbox import Inbox, inbox_address
from gatewright.errors import SetupError
from tests.conftest import make_settings
from tests.live import until

REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}
HERE = ("127.0.0.1", 50000)


@pytest.fixture
def auth(sqlite_template_copy: Path) -> Gatewright:
    return Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}"))


@pytest.fixture
def client(auth: Gatewright) -> Iterator[TestClient]:
    with TestClient(auth.create_app(), base_url="http://localhost:3000", client=HERE) as client:
        yield client


@pytest.fixture
def name(client: TestClient, auth: Gatewright) -> str:
    """The name of a mail in the inbox."""
    client.post("/auth/register", json=REGISTRATION)
    inbox = Inbox(auth.settings.folder)
    until(lambda: bool(inbox.names()), what="the mail in the inbox")
    return inbox.names()[0]


@pytest.fixture
def key(auth: Gatewright) -> str:
    """What the printed address ends with."""
    return inbox_address(auth.settings.folder, "").partition("?key=")[2]


def paths(name: str, key: str) -> list[str]:
    """Every page of the inbox."""
    return [f"/auth/inbox{rest}?key={key}" for rest in ("", f"/{name}", f"/{name}/html")]


def test_a_developer_finds_the_mails_on_a_page(client: TestClient, name: str, key: str) -> None:
    """The list leads to the mail, which is shown as text and, in a sandboxed frame, as HTML."""
    assert f'href="inbox/{name}?key={key}"' in client.get(f"/auth/inbox?key={key}").text
    page = client.get(f"/auth/inbox/{name}?key={key}")
    assert "/auth/pages/verify-email?token=" in page.text
    assert f'src="{name}/html?key={key}" title="The mail as HTML" sandbox="' in page.text
    assert f'href="../inbox?key={key}"' in page.text
    assert "allow-scripts" not in page.text
    assert "frame-ancestors 'none'; frame-src 'self'" in page.headers["Content-Security-Policy"]
    framed = client.get(f"/auth/inbox/{name}/html?key={key}").headers["Content-Security-Policy"]
    assert framed.startswith("sandbox")
    assert "allow-scripts" not in framed
    assert "script" not in framed


@pytest.mark.parametrize(
    "wrong", ["", "?key=", "?key={other}", "?key={key}x", "?KEY={key}", "?key={other}&key={other}"]
)
def test_without_the_key_there_is_nothing(client: TestClient, name: str, key: str, wrong: str) -> None:
    """A proxy on this machine that forwards no header looks like the developer's own browser; it has no key."""
    query = wrong.format(key=key, other="x" * len(key))
    for path in ("/auth/inbox", f"/auth/inbox/{name}", f"/auth/inbox/{name}/html"):
        assert client.get(f"{path}{query}").status_code == 404


def test_the_key_is_random_and_kept_for_its_owner(client: TestClient, auth: Gatewright, key: str) -> None:
    """It stays over restarts, is no part of the settings, and nobody else on the machine reads it."""
    file = auth.settings.folder / ".gatewright" / "inbox-key"
    assert (file.read_text().strip(), file.stat().st_mode & 0o777) == (key, 0o600)
    assert len(key) == 64
    assert inbox_address(auth.settings.folder, "http://localhost:3000").endswith(f"/auth/inbox?key={key}")
    file.unlink()
    assert not inbox_address(auth.settings.folder, "").endswith(key)


def test_the_console_prints_where_mails_are_read(
    auth: Gatewright, client: TestClient, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """With each mail, since an app that is embedded has no greeting; and in the greeting of `serve`."""
    client.post("/auth/register", json=REGISTRATION)
    until(lambda: bool(Inbox(auth.settings.folder).names()), what="the mail in the inbox")
    address = f"http://localhost:3000/auth/inbox?key={key}"
    portal = client.portal
    assert portal is not None
    portal.call(auth.deliveries.stop)
    assert (
        f"Mail to user@example.com: Confirm your address for localhost. Read it: {address}\n" in capfd.readouterr().err
    )
    assert f"Mail inbox: {address}\n" in greeting(auth, "http://localhost:3000", workers=1)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:3000",
        "localhost.evil.example",
        "192.168.1.10:3000",
        "evil.example@localhost",
        "localhost:3000@evil.example",
        "localhost:evil.example",
        "127.0.0.1.nip.io",
        "[::2]",
        "",
    ],
)
def test_a_page_of_another_name_sees_nothing(client: TestClient, name: str, key: str, host: str) -> None:
    """A name that an attacker has pointed at this machine is not this machine's (DNS rebinding)."""
    for path in paths(name, key):
        assert client.get(path, headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "LocalHost:3000", "127.0.0.1:8000", "[::1]:3000", "[::1]"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_this_machine_has_several_names(auth: Gatewright, key: str, host: str, peer: str) -> None:
    """IPv6 too, and IPv4 on a socket of IPv6."""
    app = auth.create_app()
    with TestClient(app, base_url="http://localhost:3000", client=(peer, 50000)) as client:
        assert client.get(f"/auth/inbox?key={key}", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("peer", ["192.0.2.7", "::ffff:192.0.2.7", "fe80::1", "testclient", ""])
def test_another_machine_sees_nothing(auth: Gatewright, key: str, peer: str) -> None:
    """Only the loopback is answered; a Unix socket is a proxy's."""
    with TestClient(auth.create_app(), base_url="http://localhost:3000", client=(peer, 50000)) as client:
        assert client.get(f"/auth/inbox?key={key}").status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        {"Forwarded": "for=192.0.2.7"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Proto": ""},
        {"x-forwarded-anything": "x"},
        {"X-Real-IP": "127.0.0.1"},
    ],
    ids=str,
)
def test_over_a_proxy_there_is_nothing(client: TestClient, name: str, key: str, header: dict[str, str]) -> None:
    """Whatever such a header says: behind a proxy on this machine, the whole network is this machine."""
    for path in paths(name, key):
        assert client.get(path, headers=header).status_code == 404


@pytest.mark.parametrize("wrong", ["..%2f..%2fsecret", "nothing", ".hidden"])
def test_a_name_that_is_no_mail_is_not_found(client: TestClient, name: str, key: str, wrong: str) -> None:
    """The name is compared with the mails that are there, and is never a path."""
    assert client.get(f"/auth/inbox/{wrong}?key={key}").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"mail_url": "smtp://127.0.0.1:1"},
        {
            "environment": "production",
            "public_url": "https://example.com",
            "mail_url": "smtp://127.0.0.1:1",
            "secret": secrets.token_urlsafe(48),
            "argon2": {"memory_kib": 19456, "iterations": 2},
        },
    ],
    ids=["smtp", "production"],
)
def test_there_is_no_inbox_elsewhere(sqlite_template_copy: Path, changes: dict[str, object]) -> None:
    """Neither in production, nor when mails leave."""
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", **changes))
    with TestClient(auth.create_app(), base_url="http://localhost:3000", client=HERE) as client:
        address = inbox_address(auth.settings.folder, "")
        assert client.get(address).status_code == 404


def test_mails_are_kept_for_their_owner_only(client: TestClient, auth: Gatewright, name: str) -> None:
    """They hold links that sign in: mode 0600, in a folder of mode 0700."""
    folder = auth.settings.folder / ".gatewright" / "inbox"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / f"{name}.eml").stat().st_mode & 0o777 == 0o600


def test_mails_are_not_written_through_a_link_that_leads_elsewhere(tmp_path: Path) -> None:
    """A mail holds links that work; a repository's link could lead them into a folder that others read."""
    app, outside = tmp_path / "app", tmp_path / "outside"
    outside.mkdir()
    (app / ".gatewright").mkdir(parents=True)
    (app / ".gatewright" / "inbox").symlink_to(outside)
    with pytest.raises(SetupError, match="inbox is behind a link that leads out of the app"):
        Inbox(app)
