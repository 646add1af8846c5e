"""What every way to sign in ends with: the proof of who signs in, which `login.service.complete` takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatewright.core.tokens.device_tokens import Device
from gatewright.features.users.account import Account


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof that a client acts for an account.

    Attributes:
        account: The account.
        email_key: The key of the account's address (`gatewright.addresses`), when the proof was made.
        amr: How it was proved (RFC 8176).
        password_hash: The stored hash that the password matched, when a password was the proof.
        device: The device whose credential came with the proof, and counts for this account.
        is_new_account: Whether the same call has made the account.
        session_id: The session that the proof was made in, and renews; a new one is started without it.
    """

    account: Account
    email_key: str
    amr: tuple[str, ...]
    password_hash: str | None = field(default=None, repr=False)
    device: Device | None = None
    is_new_account: bool = False
    session_id: str | None = None
