"""What a feature declares about a mail, and the steps before it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gatewright.core.mail.links import Links
from gatewright.core.tokens.mailed_tokens import Purpose
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction

Parameters = Mapping[str, str]
"""What the outbox keeps for a mail: plain text by name, sealed."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail whose recipient and contents are settled.

    Attributes:
        to: The address that is stored for the recipient, as it was typed.
        parameters: What the template may name, links with their tokens among it.
        language: Which translation to take, when there is one; such as `de`.
    """

    to: str
    parameters: Parameters = field(default_factory=dict, repr=False)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Composing:
    """The transaction in which a mail is composed, and what it is composed from.

    Attributes:
        tx: Holds the tokens that the mail carries; they exist only if the mail does.
        now: The time.
        settings: Everything that can be set.
        links: Makes the links.
    """

    tx: Transaction
    now: datetime
    settings: KernelSettings
    links: Links


Compose = Callable[[Composing, Parameters], Letter | None]
"""Settles a mail in the transaction at hand; None when there is nothing to send (any more)."""


@dataclass(frozen=True)
class Mail:
    """One kind of mail.

    Attributes:
        name: By which the outbox stores it; its template is `<name>.jinja` in *folder*.
        folder: The feature's `mail` folder.
        compose: Run once by the worker that delivers the mail, and never during a request: whether an address has an
            account makes no difference to how long a request takes.
        sample: Parameters for a preview.
        purposes: Those of the tokens and codes that it carries.
        lifetime: How long after it was asked for the mail is of use. Links need none: their life begins when the mail
            leaves.
    """

    name: str
    folder: Path
    compose: Compose
    sample: Parameters
    purposes: tuple[Purpose, ...] = ()
    lifetime: timedelta | None = None
