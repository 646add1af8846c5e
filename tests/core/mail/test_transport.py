"""What `MAIL_URL` means, and that a password never leaves in clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.core.mail.inbox import Inbox
from gatewright.core.mail.transport import ConsoleSender, MailSender, SmtpSender, sender_of
from gatewright.errors import SetupError


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
