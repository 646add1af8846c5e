"""How mails leave: by SMTP, to the console, or into a folder on a developer's machine."""

from __future__ import annotations

import asyncio
import ssl
import sys
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from gatewright.core.mail.inbox import Inbox
from gatewright.errors import SetupError

if TYPE_CHECKING:
    from aiosmtplib import SMTP

_SECONDS = 20.0
# Of all steps together, and less than a claim lasts (`deliveries`): else another worker would send the mail as well.
_IN_ALL_SECONDS = 60.0

_UNREADABLE = (
    "MAIL_URL cannot be read. Write it as smtp://USER:PASSWORD@HOST:587, and every special character of the user and "
    "the password as %XX: an @ is %40, a # is %23, a / is %2F."
)

Encryption = Literal["required", "offered", "implicit", "none"]


class MailRefused(Exception):
    """The mail server will not take this mail, now or later (a 5xx reply, RFC 5321 section 4.2.1)."""


class MailSender(Protocol):
    """Another way of sending is a class with this method, given to `Gatewright(mail_sender=…)`."""

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand *message* over for the one address *to*.

        Raises:
            MailRefused: It will never be taken; any other exception means: try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends by SMTP (RFC 5321), one connection for each mail.

    Attributes:
        encryption: `required`: STARTTLS or nothing (RFC 3207); `offered`: STARTTLS where the server offers it;
            `implicit`: TLS from the first byte (RFC 8314); `none`: in clear.
    """

    host: str
    port: int
    encryption: Encryption
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand *message* over to the server.

        Raises:
            MailRefused: The server refuses it for good.
        """
        # Imported when the first mail leaves.
        import aiosmtplib

        try:
            async with asyncio.timeout(_IN_ALL_SECONDS), self.client(_SECONDS) as client:
                await client.send_message(message, recipients=[to])
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            if _is_final(error):
                raise MailRefused(_reply(error)) from None
            raise

    def client(self, seconds: float) -> SMTP:
        """A connection that is yet to be made; *seconds* are what each step of it may take."""
        import aiosmtplib

        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.encryption == "implicit",
            start_tls={"required": True, "offered": None}.get(self.encryption, False),
            tls_context=None if self.encryption == "none" else _tls_context(),
            timeout=seconds,
        )


class ConsoleSender:
    """Prints mails, for trying things out.

    Args:
        show: Whether their text is printed. It holds tokens, which a log of a server in production must not.
    """

    def __init__(self, *, show: bool) -> None:
        self._show = show

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Print *message*."""
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None and self._show else "(not shown in production)\n"
        sys.stdout.write(f"--- mail to {to}: {message['Subject']}\n{text}---\n")
        sys.stdout.flush()


def sender_of(url: str, *, in_development: bool, folder: Path) -> MailSender:
    """The way of sending that `MAIL_URL` names.

    Args:
        url: `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…`, `console:` or `inbox:`.
        in_development: Whether mails may be shown, and servers without encryption are fine.
        folder: That of the settings, in which `inbox:` keeps mails.

    Raises:
        SetupError: It is none of these, or would send a password in clear.
    """
    if url.startswith("console:"):
        return ConsoleSender(show=in_development)
    if url.startswith("inbox:"):
        return Inbox(folder)
    return _smtp_sender(url, in_development=in_development)


@lru_cache(maxsize=1)
def _tls_context() -> ssl.SSLContext:
    # Reading the machine's authorities keeps the event loop for 20 ms: once, not for each mail.
    return ssl.create_default_context()


def _smtp_sender(url: str, *, in_development: bool) -> SmtpSender:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SetupError(_UNREADABLE) from None
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise SetupError(_UNREADABLE)
    # A server that offers no encryption, or somebody on the way who says so, must not get a password.
    lenient = in_development and not parts.password
    encryption = _encryption(parts.scheme, parts.hostname, parts.query, lenient=lenient)
    if parts.password and encryption == "none" and not _is_loopback(parts.hostname):
        raise SetupError("MAIL_URL would send its password in clear: leave tls=none out.")
    return SmtpSender(
        host=parts.hostname,
        port=port or (465 if encryption == "implicit" else 587),
        encryption=encryption,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def _encryption(scheme: str, host: str, query: str, *, lenient: bool) -> Encryption:
    options = parse_qs(query, keep_blank_values=True)
    if options.keys() - {"tls"} or options.get("tls", ["none"]) != ["none"]:
        raise SetupError("MAIL_URL takes no option but ?tls=none, for a relay in your own network.")
    if scheme == "smtps":
        return "implicit"
    if "tls" in options:
        return "none"
    return "offered" if lenient or _is_loopback(host) else "required"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_final(error: Exception) -> bool:
    codes = [each.code for each in getattr(error, "recipients", ())] or [getattr(error, "code", 0)]
    return all(500 <= code < 600 for code in codes)


def _reply(error: Exception) -> str:
    codes = [str(each.code) for each in getattr(error, "recipients", ())] or [str(getattr(error, "code", 0))]
    return f"the mail server answered {', '.join(codes)}"
