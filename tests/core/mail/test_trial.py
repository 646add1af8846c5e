"""Trying out a mail server: what stands in the way is said, no mail is sent, and the password stays where it is."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from gatewright.core.mail import trial
from gatewright.core.mail.transport import Encryption, SmtpSender
from gatewright.errors import SetupError
from tests.smtp import mail_server, self_made_certificate

PASSWORD = "hush-hush-word"
SENDER = "no-reply@example.com"


def sender_at(port: int, encryption: Encryption = "offered", *, password: str | None = None) -> SmtpSender:
    return SmtpSender("127.0.0.1", port, encryption, None if password is None else "ada", password)


async def obstacle(sender: SmtpSender) -> str:
    with pytest.raises(SetupError) as caught:
        await trial.try_out(sender, mail_from=SENDER)
    printed = str(caught.value)
    assert printed.startswith(f"GATEWRIGHT_MAIL_URL: the mail server 127.0.0.1, port {sender.port}, ")
    assert PASSWORD not in printed
    assert caught.value.__cause__ is None
    return printed


def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    if given.password == PASSWORD.encode():
        return AuthResult(success=True)
    return AuthResult(success=False, handled=False, message=f"535 not {given.password!r}")


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    return self_made_certificate(tmp_path)


async def test_a_server_that_answers_gets_no_mail() -> None:
    """Nor the beginning of one."""
    with mail_server("refuses") as server:
        await trial.try_out(sender_at(server.port), mail_from=SENDER)
    assert (server.tried, server.messages) == (0, [])


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_user_and_password_are_tried() -> None:
    """A refusal names neither, even where the server does."""
    options: dict[str, Any] = {"authenticator": authenticator, "auth_required": True, "auth_require_tls": False}
    with mail_server(**options) as server:
        await trial.try_out(sender_at(server.port, password=PASSWORD), mail_from=SENDER)
        printed = await obstacle(sender_at(server.port, password=PASSWORD + "!"))
    assert "refuses its user and password (reply 535)" in printed


async def test_a_server_without_logins_is_told_from_a_wrong_password() -> None:
    """As a relay is that was given a user by mistake."""
    with mail_server(auth_exclude_mechanism=["LOGIN", "PLAIN"]) as server:
        assert "no way to sign in" in await obstacle(sender_at(server.port, password=PASSWORD))


async def test_a_missing_server_is_said_to_be() -> None:
    """Nobody listens on port 1."""
    assert (await obstacle(sender_at(1))).endswith("cannot be reached. Check host and port.")


async def test_a_silent_server_is_waited_for_no_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection, and says nothing."""
    monkeypatch.setattr(trial, "TRIAL_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "does not answer within" in await obstacle(sender_at(silent.getsockname()[1]))


async def test_encryption_is_tried_as_for_mails(certificate: ssl.SSLContext) -> None:
    """A server without it, with a certificate of nobody's, and with the other kind of port."""
    with mail_server() as server:
        assert "offers no encryption" in await obstacle(sender_at(server.port, "required"))
        assert "speaks no TLS there" in await obstacle(sender_at(server.port, "implicit"))
    with mail_server(tls_context=certificate) as server:
        assert "a certificate that is not trusted" in await obstacle(sender_at(server.port, "required"))
        printed = await obstacle(sender_at(server.port, password=PASSWORD))
        assert printed.endswith("or is for another name. On this machine, ?tls=none does without.")
        await trial.try_out(sender_at(server.port), mail_from=SENDER)
    with mail_server(ssl_context=certificate) as server:
        assert "a certificate that is not trusted" in await obstacle(sender_at(server.port, "implicit"))


async def test_a_sender_that_the_server_refuses_is_found() -> None:
    """Else every mail would be given up: a sender of somebody else's, and one that the server cannot read."""
    with mail_server(enable_SMTPUTF8=False) as server:
        server.refused_sender = SENDER
        for address, words in ((SENDER, "refuses this sender (reply 553)"), ("jörg@example.com", "lacks SMTPUTF8")):
            with pytest.raises(SetupError, match="^GATEWRIGHT_MAIL_FROM: the mail server 127.0.0.1") as caught:
                await trial.try_out(sender_at(server.port), mail_from=address)
            assert words in str(caught.value)
    with mail_server(enable_SMTPUTF8=True) as server:
        await trial.try_out(sender_at(server.port), mail_from="jörg@example.com")
    assert server.tried == 0
