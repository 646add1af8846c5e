"""The mails of an app under test: kept here, and delivered when a test asks for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from gatewright.addresses import InvalidAddress, parse_address

_LINK = re.compile(r"https?://\S+")
_CODE = re.compile(r"\b\d{8}\b")


@dataclass(frozen=True)
class SentMail:
    """A mail that the app has sent.

    Attributes:
        to: The address, its domain in ASCII.
        subject: Its subject.
        text: Its plain text.
        html: Its HTML.
    """

    to: str
    subject: str
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """The links in it, in their order."""
        return _LINK.findall(self.text)

    @property
    def link(self) -> str:
        """Its first link.

        Raises:
            AssertionError: It has none.
        """
        assert self.links, f"the mail {self.subject!r} has no link"
        return self.links[0]

    @property
    def token(self) -> str:
        """The token in its first link, for the call that takes it.

        Raises:
            AssertionError: It has none.
        """
        return token_in(self.link)

    @property
    def code(self) -> str:
        """The code in it.

        Raises:
            AssertionError: It has none.
        """
        found = _CODE.search(self.text)
        assert found is not None, f"the mail {self.subject!r} has no code"
        return found.group()


class CapturedMails:
    """A way of sending that keeps mails. `auth_mails.to("user@example.com")[-1].token` is the token of the last one."""

    def __init__(self) -> None:
        self._sent: list[SentMail] = []
        self._deliver: Callable[[], Any] = lambda: None

    async def send(self, message: EmailMessage, *, to: str) -> None:
        """Keep *message*."""
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert html is not None
        self._sent.append(SentMail(to, str(message["Subject"]), text.get_content(), html.get_content()))

    @property
    def all(self) -> list[SentMail]:
        """Every mail so far, the oldest first."""
        self._deliver()
        return list(self._sent)

    def to(self, address: str) -> list[SentMail]:
        """The mails to an address, the oldest first. Its domain may be written in Unicode, as its owner does."""
        with suppress(InvalidAddress):
            address = parse_address(address).sendable
        return [mail for mail in self.all if mail.to == address]

    def deliver_by(self, deliver: Callable[[], Any]) -> None:
        """Have *deliver* called before anything is looked at."""
        self._deliver = deliver


class Delivers(Protocol):
    """What delivers mails: `Deliveries`."""

    async def deliver_due(self) -> int:
        """Deliver what is due; how many mails."""
        ...


async def deliver_all(deliveries: Delivers) -> None:
    """Deliver until nothing is due."""
    while await deliveries.deliver_due():
        pass


def token_in(link: str) -> str:
    """The token in a mailed link.

    Raises:
        AssertionError: It has none.
    """
    tokens = parse_qs(urlsplit(link).query).get("token", [])
    assert tokens, "the link has no token"
    return tokens[0]
