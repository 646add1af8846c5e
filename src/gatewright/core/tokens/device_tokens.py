"""Device credentials: they show that a login comes from a device where its account has signed in before.

A stranger's failures delay an account's logins, but not those from a device that it has signed in from: an attacker who
tries to lock the owner out keeps out only strangers. A credential does not prove who the user is; it takes the place of
the account in one limit, and has a delay of its own, so that a stolen one helps no more than an account's first few
tries.

It is `gwd_` and the base64url of

    version (1 byte) | issued at (4) | device id (16) | MAC (32)

where the MAC is HMAC-SHA256 over the bytes before it, the key of the account's address and the account's epoch. So no
row is kept for a device, and the text does not reveal whose it is. It ends with the address that it was made for, and
with the epoch: a reset of the password gives the account another (`core.login_devices`). The statement that finds the
account of a login also reads the epoch.
"""

from __future__ import annotations

import hmac
import secrets as randomness
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from gatewright.core import base64url
from gatewright.core.vault import derive_key

_PREFIX = "gwd_"
_VERSION = 1
_PAYLOAD = struct.Struct(">BI16s")
_MAC_LENGTH = 32
_LENGTH = len(_PREFIX) + ((_PAYLOAD.size + _MAC_LENGTH) * 4 + 2) // 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that an account has signed in from.

    Attributes:
        id: Random; the same for as long as each login passes the credential of the one before.
    """

    id: bytes


class DeviceTokens:
    """Makes and reads device credentials under the entries of `SECRET`.

    Args:
        secrets: The entries in their order: the first makes, all of them verify. At least one.
        ttl: How long a credential counts.
    """

    __slots__ = ("_keys", "_ttl")

    def __init__(self, secrets: Sequence[bytes], ttl: timedelta) -> None:
        self._keys = tuple(derive_key(secret, "device token: mac") for secret in secrets)
        self._ttl = ttl

    def issue(self, email_key: str, now: datetime, device: Device | None = None, *, epoch: str | None = None) -> str:
        """A credential for logins to the account of *email_key*.

        Args:
            now: When it begins to count; an aware date.
            device: The device that it continues; a new one when left out.
            epoch: The account's; it has none until its credentials have ended for the first time.
        """
        identifier = randomness.token_bytes(16) if device is None else device.id
        payload = _PAYLOAD.pack(_VERSION, (now - _EPOCH) // timedelta(seconds=1), identifier)
        return _PREFIX + base64url.encode(payload + _mac(self._keys[0], payload, email_key, epoch))

    def read(self, text: str | None, email_key: str, now: datetime, *, epoch: str | None = None) -> Device | None:
        """The device behind *text* that counts for the account of *email_key* in *epoch*; None for anything else."""
        if not looks_like_one(text):
            return None
        try:
            raw = base64url.decode(text[len(_PREFIX) :])
        except ValueError:
            return None
        payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
        if not self._has_made(payload, mac, email_key, epoch):
            return None
        version, issued, identifier = _PAYLOAD.unpack(payload)
        if version != _VERSION or now >= datetime.fromtimestamp(issued, UTC) + self._ttl:
            return None
        return Device(identifier)

    def _has_made(self, payload: bytes, mac: bytes, email_key: str, epoch: str | None) -> bool:
        made = False
        # All are tried always: the time tells neither whether nor which one fits.
        for key in self._keys:
            made |= hmac.compare_digest(_mac(key, payload, email_key, epoch), mac)
        return made


def looks_like_one(text: str | None) -> TypeGuard[str]:
    """Whether *text* may be a device credential: no secret is looked at."""
    return text is not None and len(text) == _LENGTH and text.startswith(_PREFIX)


def _mac(key: bytes, payload: bytes, email_key: str, epoch: str | None) -> bytes:
    # No address holds a NUL, so an address and an epoch never pass for another address.
    bound_to = email_key if epoch is None else f"{email_key}\0{epoch}"
    return hmac.digest(key, payload + bound_to.encode(errors="surrogatepass"), "sha256")
