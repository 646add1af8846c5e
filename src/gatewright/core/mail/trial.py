"""Trying out the mail server that `MAIL_URL` names, without a mail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gatewright.core.mail.transport import SmtpSender
from gatewright.errors import SetupError
from gatewright.settings.hosts import is_loopback

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TRIAL_SECONDS = 10.0


async def try_out(sender: SmtpSender, *, mail_from: str) -> None:
    """Connect, encrypt, sign in and name the sender as every mail does, and leave again: within ten seconds.

    Args:
        sender: How mails leave.
        mail_from: Their sender's address.

    Raises:
        SetupError: The cause, and what to check. The server's own words are not repeated: they may hold the password.
    """
    # Imported when mails are looked at.
    import aiosmtplib

    server = f"the mail server {sender.host}, port {sender.port},"
    try:
        async with asyncio.timeout(TRIAL_SECONDS), sender.connected(TRIAL_SECONDS) as client:
            await _name_sender(client, mail_from)
    except aiosmtplib.SMTPNotSupported:
        raise SetupError(
            f"GATEWRIGHT_MAIL_FROM: {server} lacks SMTPUTF8, which this sender needs. Take a sender with nothing but "
            "ASCII before the @."
        ) from None
    except aiosmtplib.SMTPSenderRefused as error:
        raise SetupError(
            f"GATEWRIGHT_MAIL_FROM: {server} refuses this sender (reply {error.code}). Take one that you may send from."
        ) from None
    except aiosmtplib.SMTPAuthenticationError as error:
        raise SetupError(
            f"GATEWRIGHT_MAIL_URL: {server} refuses its user and password (reply {error.code}). Special characters of "
            "both are written as %XX: an @ is %40."
        ) from None
    except TimeoutError:
        raise SetupError(
            f"GATEWRIGHT_MAIL_URL: {server} does not answer within {TRIAL_SECONDS:.0f} s. Check host and port, and "
            "what is between."
        ) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise SetupError(f"GATEWRIGHT_MAIL_URL: {server} {_obstacle(error, sender)}") from None


async def _name_sender(client: SMTP, mail_from: str) -> None:
    import aiosmtplib

    options, encoding = [], "ascii"
    if not mail_from.isascii():
        await client.ehlo()
        if not client.supports_extension("smtputf8"):
            raise aiosmtplib.SMTPNotSupported("SMTPUTF8")
        options, encoding = ["SMTPUTF8"], "utf-8"
    await client.mail(mail_from, options=options, encoding=encoding)
    await client.rset()


def _obstacle(error: Exception, sender: SmtpSender) -> str:
    import aiosmtplib

    if any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(error)):
        way_out = " On this machine, ?tls=none does without." if is_loopback(sender.host) else ""
        return f"has a certificate that is not trusted here, or is for another name.{way_out}"
    if any(isinstance(each, ssl.SSLError) for each in _causes(error)):
        return "speaks no TLS there. Check the port: smtps:// is mostly 465, and smtp:// 587."
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"takes no mail from here (reply {error.code})."
    if isinstance(error, OSError):
        return "cannot be reached. Check host and port."
    if sender.encryption == "required":
        return "offers no encryption, or no way to sign in. Check the port: smtp:// is mostly 587."
    return "offers no way to sign in."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
