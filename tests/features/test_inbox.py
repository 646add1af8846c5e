"""The inbox of a developer's machine, and who may look into it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gatewright import Gatewright
from gatewright.core.mail.inbox import Inbox
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


def test_a_developer_finds_the_mails_on_a_page(client: TestClient, name: str) -> None:
    """The list leads to the mail, which is shown as text and, in a sandboxed frame, as HTML."""
    assert f'href="inbox/{name}"' in client.get("/auth/inbox").text
    page = client.get(f"/auth/inbox/{name}")
    assert "/auth/pages/verify-email?token=" in page.text
    assert 'sandbox="' in page.text
    assert "allow-scripts" not in page.text
    assert "frame-ancestors 'none'; frame-src 'self'" in page.headers["Content-Security-Policy"]
    framed = client.get(f"/auth/inbox/{name}/html").headers["Content-Security-Policy"]
    assert framed.startswith("sandbox")
    assert "allow-scripts" not in framed
    assert "script" not in framed


@pytest.mark.parametrize("path", ["", "/{name}", "/{name}/html"])
@pytest.mark.parametrize("host", ["evil.example:3000", "localhost.evil.example", "192.168.1.10:3000"])
def test_a_page_of_another_name_sees_nothing(client: TestClient, name: str, path: str, host: str) -> None:
    """A name that an attacker has pointed at this machine is not this machine's (DNS rebinding)."""
    answer = client.get(f"/auth/inbox{path.format(name=name)}", headers={"Host": host})
    assert answer.status_code == 404


def test_another_machine_sees_nothing(auth: Gatewright) -> None:
    """Only the loopback is answered."""
    with TestClient(auth.create_app(), base_url="http://localhost:3000", client=("192.0.2.7", 50000)) as client:
        assert client.get("/auth/inbox").status_code == 404


@pytest.mark.parametrize("wrong", ["..%2f..%2fsecret", "nothing", ".hidden"])
def test_a_name_that_is_no_mail_is_not_found(client: TestClient, name: str, wrong: str) -> None:
    """The name is compared with the mails that are there, and is never a path."""
    assert client.get(f"/auth/inbox/{wrong}").status_code == 404


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
        assert client.get("/auth/inbox").status_code == 404


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
