"""A real server whose mails arrive at a real mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import httpx2
from sqlalchemy import select

from gatewright.addresses import parse_address
from gatewright.storage.database import Transaction
from gatewright.testing.mails import SentMail
from tests.live import LiveServer, Order, register, until
from tests.smtp import MailServer

MAIL_SECONDS = 15.0
"""Within which a mail has arrived on a busy test machine."""

VERIFY, RESET, CHANGE = "Confirm your address", "Set a new password", "Confirm your new address"
CHANGED, TAKEN = "was changed", "You have an account"

ENDPOINTS = {
    "verify-email": "/auth/verify-email",
    "not-me": "/auth/not-me",
    "change-email": "/auth/email/change/confirm",
    "undo-email-change": "/auth/email/change/undo",
    "reset-password": "/auth/password/reset",
}
"""The call for each page behind a link."""


@dataclass(frozen=True)
class Mailed:
    """A server, and where its mails arrive."""

    live: LiveServer
    mails: MailServer

    def to(self, address: str, subject: str = "") -> list[SentMail]:
        """The mails that have been delivered to an address, as an account has it, the oldest first."""
        address = parse_address(address).sendable
        arrived = zip(list(self.mails.recipients), list(self.mails.messages), strict=False)
        mails = [sent(message, to=recipient) for recipient, message in arrived if recipient == address]
        return [mail for mail in mails if subject in mail.subject]

    def wait(self, address: str, subject: str = "", *, count: int = 1) -> list[SentMail]:
        """The mails to an address, once there are so many of them."""
        what = f"mail {count} {subject!r} to {address}"
        until(lambda: len(self.to(address, subject)) >= count, what=what, seconds=MAIL_SECONDS)
        return self.to(address, subject)

    def token(self, address: str, subject: str, *, which: int = -1) -> str:
        """The token in a mail that arrives."""
        return self.wait(address, subject)[which].token

    async def is_quiet(self) -> None:
        """Wait until no mail is due any more."""

        def waiting(tx: Transaction) -> int:
            outbox = tx.table("gatewright_outbox")
            # Not what waits for the end of a day, as a list of logins does.
            soon = outbox.c.due_at < datetime.now(UTC) + timedelta(hours=1)
            return len(tx.all(select(outbox.c.id).where(outbox.c.done_at.is_(None), soon)))

        async with self.live.beside() as context:
            for _ in range(int(MAIL_SECONDS * 10)):
                if not await context.db.read(waiting):
                    return
                await asyncio.sleep(0.1)
        raise AssertionError("mails are due still")

    def reset_token(self, client: httpx2.Client, email: str) -> str:
        """The token of a further mail for a forgotten password."""
        before = len(self.to(email, RESET))
        assert client.post("/auth/password/forgot", json={"email": email}).status_code == 202
        return self.wait(email, RESET, count=before + 1)[-1].token

    def registered(self, client: httpx2.Client, email: str) -> tuple[dict[str, Any], SentMail]:
        """A new account, and the mail that it caused."""
        tokens = register(client, email)
        return tokens, self.wait(email, VERIFY)[0]

    def redemption(self, page: str, token: str, *, by_page: bool = False, **more: str) -> Order:
        """The use of a mailed token, by the call for it or by the page."""
        fields = {"token": token, **more}
        if by_page:
            return Order("POST", f"{self.live.url}/auth/pages/{page}", form=fields)
        return Order("POST", f"{self.live.url}{ENDPOINTS[page]}", fields)


def not_me_token(mail: SentMail) -> str:
    """The token of the second link of a mail that asks to confirm an address."""
    return mail.links[1].partition("token=")[2]


def sent(message: EmailMessage, *, to: str) -> SentMail:
    """What is in a message."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return SentMail(to, str(message["Subject"]), text.get_content(), html.get_content())


def tokens_of(answer: Mapping[str, Any]) -> list[str]:
    """The tokens in an answer to a login."""
    return [answer[name] for name in ("accessToken", "refreshToken", "deviceToken") if name in answer]
