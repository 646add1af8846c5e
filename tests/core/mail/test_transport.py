"""What `MAIL_URL` means, and that a password never leaves in clear."""

from __future__ import annotations

import ssl
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import AuthResult

from gatewright.core.mail.inbox import Inbox
from gatewright.core.mail.transport import ConsoleSender, MailSender, SmtpSender, sender_of
from gatewright.errors import SetupError
from tests.smtp import mail_server, self_made_certificate


def _sender(url: str, *, in_development: bool = False) -> MailSender:
    return sender_of(url, in_development=in_development, folder=Path("app"))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        # Gmail, with an app password.
        (
            "smtp://someone%40gmail.com:abcd-efgh-ijkl-mnop@smtp.gmail.com:587",
            SmtpSender("smtp.gmail.com", 587, "required", "someone@gmail.com", "abcd-efgh-ijkl-mnop"),
        ),
        # SendGrid: the user is the word "apikey".
        (
            "smtp://apikey:SG.key_of-a.test@smtp.sendgrid.net:587",
            SmtpSender("smtp.sendgrid.net", 587, "required", "apikey", "SG.key_of-a.test"),
        ),
        # Amazon SES, whose passwords have slashes and plus signs.
        (
            "smtps://AKIAEXAMPLE:a%2Fb%2Bc@email-smtp.eu-central-1.amazonaws.com:465",
            SmtpSender("email-smtp.eu-central-1.amazonaws.com", 465, "implicit", "AKIAEXAMPLE", "a/b+c"),
        ),
        ("smtp://relay.internal?tls=none", SmtpSender("relay.internal", 587, "none")),
        ("smtp://localhost:1025", SmtpSender("localhost", 1025, "offered")),
        ("smtp://[::1]:1025", SmtpSender("::1", 1025, "offered")),
        ("smtp://mail.example.com", SmtpSender("mail.example.com", 587, "required")),
    ],
)
def test_a_url_says_where_and_how_mails_leave(url: str, expected: SmtpSender) -> None:
    """Encryption is required unless the server is on this machine, or the URL says otherwise."""
    assert _sender(url) == expected


def test_development_takes_servers_without_encryption() -> None:
    """As the test servers of a compose file have it."""
    assert _sender("smtp://mailpit:1025", in_development=True) == SmtpSender("mailpit", 1025, "offered")


@pytest.mark.parametrize("in_development", [False, True])
@pytest.mark.parametrize(
    ("url", "production", "development"),
    [
        ("smtp://127.0.0.1", "any", "any"),
        ("smtp://127.0.0.1:25", "any", "any"),
        ("smtp://LOCALHOST", "any", "any"),
        ("smtp://[::1]", "any", "any"),
        ("smtp://[::ffff:127.0.0.1]", "any", "any"),
        ("smtp://10.0.0.5:25", "required", "any"),
        ("smtp://mail.example.com", "required", "any"),
        ("smtp://localhost.example.com", "required", "any"),
        ("smtp://ada:word@127.0.0.1", "checked where offered", "checked where offered"),
        ("smtp://ada@127.0.0.1", "checked where offered", "checked where offered"),
        ("smtp://ada:word@10.0.0.5", "required", "required"),
        ("smtp://ada@mail.example.com", "required", "required"),
        ("smtps://127.0.0.1", "implicit", "implicit"),
        ("smtps://mail.example.com", "implicit", "implicit"),
        ("smtps://ada:word@mail.example.com", "implicit", "implicit"),
        ("smtp://127.0.0.1?tls=none", "none", "none"),
        ("smtp://ada:word@127.0.0.1?tls=none", "none", "none"),
        ("smtp://10.0.0.5?tls=none", "none", "none"),
    ],
)
def test_a_certificate_is_checked_where_a_password_is_sent_or_tls_was_asked_for(
    url: str, production: str, development: str, *, in_development: bool
) -> None:
    """And nowhere else: where no encryption is fine, encryption with anybody is no worse (RFC 7435)."""
    sender = _sender(url, in_development=in_development)
    assert isinstance(sender, SmtpSender)
    kinds = {"offered": "any" if sender.is_opportunistic else "checked where offered"}
    assert kinds.get(sender.encryption, sender.encryption) == (development if in_development else production)
    context = sender._client(1).tls_context
    checks = None if context is None else (context.verify_mode, context.check_hostname)
    assert checks == {
        "any": (ssl.CERT_NONE, False),
        "none": None,
    }.get(kinds.get(sender.encryption, sender.encryption), (ssl.CERT_REQUIRED, True))


def _message() -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "no-reply@example.com", "ada@example.com", "Hello"
    message.set_content("Hello.")
    return message


async def test_opportunistic_encryption_takes_any_certificate(tmp_path: Path) -> None:
    """As Debian's Postfix has one: made by itself, for another name. The mail is encrypted, and arrives."""
    with mail_server(tls_context=self_made_certificate(tmp_path), require_starttls=True) as server:
        await _sender(server.url).send(_message(), to="ada@example.com")
    assert (server.recipients, server.encrypted) == (["ada@example.com"], [True])


async def test_encryption_that_is_offered_and_fails_is_as_good_as_none(tmp_path: Path) -> None:
    """A server that speaks no version of TLS that we do still gets the mails that need none."""
    certificate = self_made_certificate(tmp_path)
    certificate.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    certificate.maximum_version = ssl.TLSVersion.TLSv1_2
    with mail_server(tls_context=certificate) as server:
        await _sender(server.url).send(_message(), to="ada@example.com")
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await _sender(f"smtp://ada:word@127.0.0.1:{server.port}").send(_message(), to="ada@example.com")
    assert (server.recipients, server.encrypted) == (["ada@example.com"], [False])


@pytest.mark.parametrize("way", ["smtp://ada:word@127.0.0.1:{}", "smtps://127.0.0.1:{}", "required"])
async def test_no_password_and_no_mail_goes_to_a_certificate_of_nobodys(tmp_path: Path, way: str) -> None:
    """With a password, by smtps://, and to another machine: the certificate decides."""
    passwords: list[Any] = []

    def take(_server: Any, _session: Any, _envelope: Any, _mechanism: str, password: Any) -> AuthResult:
        passwords.append(password)
        return AuthResult(success=True)

    made = self_made_certificate(tmp_path)
    options: dict[str, Any] = {"ssl_context": made} if way.startswith("smtps:") else {"tls_context": made}
    with mail_server(authenticator=take, **options) as server:
        sender = (
            SmtpSender("127.0.0.1", server.port, "required") if way == "required" else _sender(way.format(server.port))
        )
        with pytest.raises((ssl.SSLCertVerificationError, aiosmtplib.SMTPConnectError)):
            await sender.send(_message(), to="ada@example.com")
    assert passwords == []
    assert server.tried == 0


def test_a_password_needs_encryption_in_development_too() -> None:
    """Nobody on the way can talk a client out of it."""
    sender = _sender("smtp://user:word@mailpit:1025", in_development=True)
    assert sender == SmtpSender("mailpit", 1025, "required", "user", "word")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("smtp://user:password@relay.internal?tls=none", "password in clear"),
        ("smtp://user:pa#ss@mail.example.com", "%23"),
        ("smtp://user:pa/ss@mail.example.com", "%XX"),
        ("smtp://user@relay.internal?tls=none", "password in clear"),
        ("smtp://:pa55word@mail.example.com", "a password and no user"),
        ("smtps://mail.example.com?tls=none", "Leave one of them out"),
        ("smtp://mail.example.com:99999", "cannot be read"),
        ("smtp://mail.example.com?starttls=no", "tls=none"),
        ("smtp://", "cannot be read"),
    ],
)
def test_a_wrong_url_is_refused_without_repeating_it(url: str, words: str) -> None:
    """The message says what to change, and holds no password."""
    with pytest.raises(SetupError, match=words) as refused:
        _sender(url)
    assert "pa" + "ss@" not in str(refused.value)
    assert "user:" not in str(refused.value)


def test_the_other_ways() -> None:
    """The console and the inbox."""
    assert isinstance(_sender("console:"), ConsoleSender)
    assert isinstance(_sender("inbox:"), Inbox)


def test_the_password_is_in_no_repr() -> None:
    """A sender in a traceback or a log gives nothing away."""
    assert "secret-word" not in repr(_sender("smtp://user:secret-word@mail.example.com"))
