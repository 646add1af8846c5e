"""A real mail server for tests: it takes mails by SMTP, or behaves badly in one of the ways that mail servers know."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Literal

from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live import free_port

Mood = Literal["takes", "refuses", "busy", "hangs", "drops"]
"""Takes mails; 550; 451; answers nothing after DATA; keeps the mail and drops the connection without an answer."""


@dataclass
class MailServer:
    """What it was sent, and how it behaves now."""

    mood: Mood = "takes"
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    refused_sender: str | None = None
    tried: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """As `MAIL_URL` has it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's)
        self, _server: smtp.SMTP, _session: smtp.Session, envelope: smtp.Envelope, address: str, options: list[str]
    ) -> str:
        """Take every sender but the refused one."""
        if address == self.refused_sender:
            return "553 Not one of yours"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: smtp.SMTP, session: smtp.Session, envelope: smtp.Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        """Behave."""
        self.tried += 1
        if self.mood == "refuses":
            return "550 No such mailbox"
        if self.mood == "busy":
            return "451 Try again later"
        if self.mood == "hangs":
            await asyncio.sleep(3600)
        content: Any = envelope.content
        message = message_from_bytes(content, policy=SMTP)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients += [str(address) for address in envelope.rcpt_tos]
        self.senders.append(str(envelope.mail_from))
        self.encrypted.append(session.ssl is not None)
        if self.mood == "drops":
            assert server.transport is not None
            server.transport.close()
        return "250 Taken"


@contextmanager
def mail_server(mood: Mood = "takes", *, port: int | None = None, **options: Any) -> Iterator[MailServer]:
    """A mail server on a port of the loopback, in a thread of its own; *options* are aiosmtpd's."""
    state = MailServer(mood, port=port or free_port())
    controller = Controller(state, hostname="127.0.0.1", port=state.port, ready_timeout=30, **options)
    controller.start()
    try:
        yield state
    finally:
        controller.stop()


def self_made_certificate(folder: Path) -> ssl.SSLContext:
    """A mail server's certificate that no client trusts, for another name, as Debian's packages make them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    file = folder / "mail.pem"
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + made.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
