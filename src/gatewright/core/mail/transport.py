"""How mails leave: by SMTP, to the console, or into a folder on a developer's machine."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from gatewright.core.mail.inbox import Inbox
from gatewright.errors import SetupError
from gatewright.settings.hosts import is_loopback

if TYPE_CHECKING:
    from aiosmtplib import SMTP

    from gatewright.settings import KernelSettings

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
        """Hand *message* over for the one address *to*, whose domain is in ASCII.

        Raises:
            MailRefused: It will never be taken; any other exception means: try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends by SMTP (RFC 5321), one connection for each mail.

    Attributes:
        encryption: `required`: STARTTLS or nothing (RFC 3207); `offered`: STARTTLS where the server offers it, in clear
            otherwise; `implicit`: TLS from the first byte (RFC 8314); `none`: in clear.
    """

    host: str
    port: int
    encryption: Encryption
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_opportunistic(self) -> bool:
        """Whether any encryption will do, and none as well: nothing secret is sent, and the URL does not ask for TLS.

        The server's certificate is then not checked, as between mail servers (RFC 7435 section 3).
        """
        return self.encryption == "offered" and self.username is None

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Hand *message* over to the server.

        Raises:
            MailRefused: The server refuses it for good.
        """
        # Imported when the first mail leaves.
        import aiosmtplib

        try:
            async with asyncio.timeout(_IN_ALL_SECONDS), self.connected(_SECONDS) as client:
                await client.send_message(message, recipients=[to])
        except aiosmtplib.SMTPNotSupported:
            raise MailRefused(
                "the mail server lacks SMTPUTF8, which an address needs whose local part is not ASCII"
            ) from None
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            if _is_final(error):
                raise MailRefused(_reply(error)) from None
            raise

    @asynccontextmanager
    async def connected(self, seconds: float) -> AsyncIterator[SMTP]:
        """A connection on which mails can be sent: encrypted and signed in, where that is asked for.

        Args:
            seconds: What each step may take.

        Raises:
            SMTPException: The server does not take the connection, or not in this way.
        """
        import aiosmtplib

        client = self._client(seconds)
        try:
            await client.connect()
        except (ssl.SSLError, aiosmtplib.SMTPResponseException, aiosmtplib.SMTPServerDisconnected) as error:
            if not self.is_opportunistic or isinstance(error, aiosmtplib.SMTPConnectError):
                raise
            # It offers an encryption that does not work: as good as none.
            client = self._client(seconds, encrypted=False)
        async with client:
            yield client

    def _client(self, seconds: float, *, encrypted: bool = True) -> SMTP:
        import aiosmtplib

        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.encryption == "implicit",
            start_tls={"required": True, "offered": None if encrypted else False}.get(self.encryption, False),
            tls_context=None if self.encryption == "none" else _tls_context(checked=not self.is_opportunistic),
            timeout=seconds,
        )


class ConsoleSender:
    """Prints mails with their tokens, for trying things out: production refuses it (`settings.start`)."""

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Print *message*."""
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        sys.stdout.write(f"--- mail to {to}: {message['Subject']}\n{text}---\n")
        sys.stdout.flush()


def sender_of(
    url: str, *, in_development: bool, folder: Path, public_url: Callable[[], str] | None = None
) -> MailSender:
    """The way of sending that `MAIL_URL` names.

    Args:
        url: `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…`, `console:` or `inbox:`.
        in_development: Whether servers without encryption are fine.
        folder: That of the settings, in which `inbox:` keeps mails.
        public_url: Where the server is reached, `API_PREFIX` included, for the printed address of the inbox.

    Raises:
        SetupError: It is none of these, or would send a password in clear.
    """
    if url.startswith("console:"):
        return ConsoleSender()
    if url.startswith("inbox:"):
        return Inbox(folder, public_url)
    return _smtp_sender(url, in_development=in_development)


def sender_for(settings: KernelSettings, url: str, public_url: Callable[[], str]) -> MailSender:
    """`sender_of`, for an app with these settings that is reached at *public_url*.

    Raises:
        SetupError: As of `sender_of`.
    """
    return sender_of(url, in_development=settings.in_development, folder=settings.folder, public_url=public_url)


@lru_cache(maxsize=2)
def _tls_context(*, checked: bool) -> ssl.SSLContext:
    # Reading the machine's authorities keeps the event loop for 20 ms: once, not for each mail.
    context = ssl.create_default_context()
    if not checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _smtp_sender(url: str, *, in_development: bool) -> SmtpSender:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SetupError(_UNREADABLE) from None
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise SetupError(_UNREADABLE)
    if parts.password and not parts.username:
        raise SetupError("MAIL_URL has a password and no user. Write it as smtp://USER:PASSWORD@HOST:587.")
    # A server that offers no encryption, or an attacker in between who claims so, must not get a password.
    lenient = in_development and not parts.username
    encryption = _encryption(parts.scheme, parts.hostname, parts.query, lenient=lenient)
    if parts.username and encryption == "none" and not is_loopback(parts.hostname):
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
        if options:
            raise SetupError("MAIL_URL asks for TLS with smtps:// and for none with ?tls=none. Leave one of them out.")
        return "implicit"
    if options:
        return "none"
    return "offered" if lenient or is_loopback(host) else "required"


def _is_final(error: Exception) -> bool:
    codes = [each.code for each in getattr(error, "recipients", ())] or [getattr(error, "code", 0)]
    return all(500 <= code < 600 for code in codes)


def _reply(error: Exception) -> str:
    codes = [str(each.code) for each in getattr(error, "recipients", ())] or [str(getattr(error, "code", 0))]
    return f"the mail server answered {', '.join(codes)}"
