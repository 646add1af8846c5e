"""Putting headers, recipients or a second message into a mail (CWE-93), through whatever reaches one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import httpx2
import pytest

from gatewright.errors import SetupError
from tests.attacks.conftest import mailed_server
from tests.attacks.mailed import VERIFY, Mailed
from tests.conftest import make_settings
from tests.live import PASSWORD, bearer, register

EVIL = "everybody@evil.example"
ENDINGS = ("\r\n", "\n", "\r", "%0d%0a", "\\r\\n", "\u2028", "\x85", "\x0b", "\x00", "\u560d\u560a", "\uff0d\uff0a")
HEADERS = {
    "subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip


def hostile_addresses(name: str) -> list[str]:
    """Addresses that a careless mail program takes for several, or for another."""
    here = f"{name}@example.com"
    return [
        *(f"{here}{ending}Bcc: {EVIL}" for ending in ENDINGS),
        *(f"{name}{ending}Bcc:{EVIL},@example.com" for ending in ENDINGS),
        f"{here},{EVIL}",
        f"{here};{EVIL}",
        f"{here} {EVIL}",
        f"<{here}>,<{EVIL}>",
        f"{name} <{EVIL}>",
        f'"{name}" <{EVIL}>',
        f'"{name}@evil.example"@example.com',
        f'"{name}\r\nBcc: {EVIL}"@example.com',
        f"{name}({EVIL})@example.com",
        f"{here}(comment)",
        f"{here}>\r\nRCPT TO:<{EVIL}",
        f"{here}> ORCPT={EVIL}",
        f"@evil.example:{here}",
        f"{name}%evil.example@example.com",
        f"evil.example!{name}@example.com",
        f"=?utf-8?q?{name}=40evil.example=3E=20?=@example.com",
        f"=?utf-8?q?{name}=0d=0aBcc=3A=20{name}?=@example.com",
        f"=?x?q?{name}=40evil.example=2C?=@example.com",
        f"{name}@=?utf-8?q?evil?=.example.com",
        f"{name}@[192.0.2.1]",
        f"{name}@xn--evil-.example.com",
        f"{name}\u200b@example.com",
        f"{name}\uff20evil.example@example.com",
        f"{name}\uff0ceverybody\uff20evil.example",
    ]


@pytest.fixture
def client(mailed: Mailed) -> Iterator[httpx2.Client]:
    with mailed.live.client() as client:
        yield client


def headers_of(message: EmailMessage) -> list[str]:
    """The names of the headers, as somebody reads them who takes the bytes anew."""
    read = message_from_bytes(bytes(message), policy=SMTP)
    return [name.lower() for name in read]


def recipients_of(message: EmailMessage) -> list[str]:
    to = message["To"]
    assert isinstance(to, AddressHeader)
    return [address.addr_spec for address in to.addresses]


async def test_no_address_becomes_two_or_another(
    mailed: Mailed, client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """Each is refused, or is sent to whole and alone; nobody else gets anything."""
    name = new_email().partition("@")[0]
    accepted = []
    for address in hostile_addresses(name):
        body = {"email": address, "password": PASSWORD, "firstName": "Al", "lastName": "Bo"}
        answer = client.post("/auth/register", json=body)
        assert answer.status_code in (201, 409, 422), (address, answer.text)
        client.post("/auth/password/forgot", json={"email": address})
        client.post("/auth/verify-email/resend", json={"email": address})
        if answer.status_code == 201:
            accepted.append(address)
    for address in accepted:
        mailed.wait(address, count=3)
    await mailed.is_quiet()

    arrived = [
        (to, mail) for to, mail in zip(mailed.mails.recipients, mailed.mails.messages, strict=True) if name in to
    ]
    assert {to for to, _ in arrived} == set(accepted)
    assert not any(address.startswith("=?") for address in accepted), "a mail program may read it as another"
    for to, message in arrived:
        assert set(headers_of(message)) <= HEADERS
        assert headers_of(message).count("to") == 1
        assert recipients_of(message) == [to]
    assert not any("evil" in to.rpartition("@")[2] for to in mailed.mails.recipients)


def test_names_and_devices_put_nothing_into_a_mail(
    mailed: Mailed, client: httpx2.Client, new_email: Callable[[], str]
) -> None:
    """A name may hold anything printable, and a user agent anything that HTTP lets through."""
    email, new = new_email(), new_email()
    body = {"email": email, "password": PASSWORD, "lastName": "<img src=x>"}
    for ending in ("\r\n", "\n", "\u2028"):
        assert client.post("/auth/register", json={**body, "firstName": f"Al{ending}Bcc: {EVIL}"}).status_code == 422
    tokens = client.post("/auth/register", json={**body, "firstName": f"Al%0aBcc: {EVIL}"}).json()
    client.post("/auth/email/change", json={"newEmail": new}, headers=bearer(tokens))
    mailed.wait(new)
    # The mail of one login from a new device is the only one of that day, so each agent has an account of its own.
    agents = [f"Firefox/1\\r\\nBcc: {EVIL}", f"<a href=https://evil.example>Firefox/1.0</a> {EVIL}", "=?utf-8?q?=0a?="]
    owners = [email, new_email(), new_email()]
    for owner in owners[1:]:
        register(client, owner)
    for owner, agent in zip(owners, agents, strict=True):
        login = {"email": owner, "password": PASSWORD}
        headers = {"User-Agent": agent, "X-Forwarded-For": f"{EVIL}\t, 1", "Accept-Language": EVIL}
        assert client.post("/auth/login", json=login, headers=headers).status_code == 200
    mails = [*mailed.wait(email, count=3), *(mail for owner in owners[1:] for mail in mailed.wait(owner, count=2))]
    assert all("evil" not in mail.text + mail.html + mail.subject for mail in [*mails, *mailed.to(new)])
    for to, message in zip(mailed.mails.recipients, mailed.mails.messages, strict=True):
        if to in (*owners, new):
            assert set(headers_of(message)) <= HEADERS


def test_a_dot_on_a_line_of_its_own_ends_no_message(mailed: Mailed, client: httpx2.Client, email: str) -> None:
    """Nothing that is sent holds bare line ends, or a line that SMTP reads as the end (RFC 5321 section 4.1.1.4)."""
    register(client, email)
    mailed.wait(email, VERIFY)
    for message in list(mailed.mails.messages):
        content = bytes(message)
        assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
        assert b"\r\n.\r\n" not in content


@pytest.mark.parametrize("name", [f'"Shop" <{EVIL}>,', "<b>Sh\u00f6p</b>"])
def test_the_name_of_the_app_stays_a_name(
    request: pytest.FixtureRequest, tmp_path: Path, new_email: Callable[[], str], name: str
) -> None:
    """Whatever the settings call it: one sender, one subject, and mails that leave."""
    with mailed_server(request, "sqlite", tmp_path, MAIL__APP_NAME=name) as mailed, mailed.live.client() as client:
        register(client, email := new_email())
        mailed.wait(email, VERIFY)
        (message,) = mailed.mails.messages
        assert set(headers_of(message)) <= HEADERS
        assert [address.addr_spec for address in message["From"].addresses] == ["no-reply@localhost"]
        assert "<b>" not in mailed.to(email)[0].html


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\u2028", "\x85"])
def test_a_name_of_two_lines_is_refused(ending: str) -> None:
    """At the start, and not when the first mail is due; so is one that is read as two (RFC 2047)."""
    for name in (f"Shop{ending}Bcc: {EVIL}", "Shop =?utf-8?q?=0aBcc=3A?="):
        with pytest.raises(SetupError, match=r"(?i)mail.*app_name"):
            make_settings("sqlite:///x.db", mail={"app_name": name})
