"""Hashing and verifying passwords: Argon2id (RFC 9106), off the event loop, at the same cost for everybody."""

from __future__ import annotations

import base64
import contextlib
import secrets
from dataclasses import dataclass
from unicodedata import normalize

import argon2
from argon2.exceptions import VerificationError, VerifyMismatchError

from gatewright.core.hashing_pool import HashingPool

LONGEST_PASSWORD = 1024
"""Code points, after normalisation, that no password may exceed, whatever the settings say.

Normalising takes time that grows with the square of the length when accents are out of order: 2.5 seconds for
60,000 code points, with the GIL held. So longer text is refused before it is normalised.
"""

LONGEST_EXPANSION = 4
"""Code points that one becomes at most when it is decomposed canonically (as U+1F82 does)."""

_SALT_BYTES = 16
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """What a hash costs. The default is OWASP's first choice for Argon2id.

    Attributes:
        memory_kib: Memory for one hash, in KiB; at least eight for each lane (RFC 9106 section 3.1).
        iterations: Passes over that memory.
        parallelism: Lanes, each on a thread of its own.
    """

    memory_kib: int = 19456
    iterations: int = 2
    parallelism: int = 1

    def __post_init__(self) -> None:
        if self.parallelism < 1 or self.iterations < 1 or self.memory_kib < 8 * self.parallelism:
            raise ValueError("Argon2 takes at least one iteration, one lane, and 8 KiB of memory for each lane.")


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying a password found out. True in an `if` only when the password is right.

    Attributes:
        right: The password is the one that was hashed.
        needs_upgrade: It is, and the stored hash was made with other parameters than today's: hash it anew.
    """

    right: bool
    needs_upgrade: bool

    def __bool__(self) -> bool:
        return self.right


_WRONG = Verified(right=False, needs_upgrade=False)


class PasswordHasher:
    """Hashes and verifies passwords with Argon2id, in a bounded pool of threads (`HashingPool`).

    Args:
        parameters: The cost of new hashes.
        queue_ms: A call that would have to wait longer than this, in milliseconds, is refused.
        workers: Number of threads; as many as the cores this process may use, when left out.
    """

    def __init__(self, parameters: Argon2Parameters, *, queue_ms: int, workers: int | None = None) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=parameters.iterations,
            memory_cost=parameters.memory_kib,
            parallelism=parameters.parallelism,
            salt_len=_SALT_BYTES,
            hash_len=_HASH_BYTES,
            type=argon2.Type.ID,
        )
        self._pool = HashingPool(queue_ms=queue_ms, workers=workers)
        self._dummy = _dummy_hash(parameters)

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread."""
        return self._pool.waiting

    @property
    def running(self) -> int:
        """Calls that are being computed."""
        return self._pool.running

    async def hash(self, password: str) -> str:
        """The hash to store for *password*, in PHC format, with a salt of its own.

        Raises:
            Overloaded: More hashes wait than can be computed in time.
            ValueError: The password cannot be encoded or is too long; `check_password` refuses those first.
        """
        return await self._pool.run(lambda: self._hash(password))

    async def verify(self, password: str, stored: str | None) -> Verified:
        """Whether *password* is the one that *stored* was made from.

        *stored* is None for an address without an account, or an account without a password. That, text that
        cannot be a password, and a hash of an unknown kind are answered "wrong", each after one computation of
        today's cost, so that the time does not tell them from a wrong password.

        Raises:
            Overloaded: More hashes wait than can be computed in time.
        """
        return await self._pool.run(lambda: self._verify(password, stored))

    def close(self) -> None:
        """End the threads; calls that wait get `Unavailable`. A later call starts new threads."""
        self._pool.close()

    def _hash(self, password: str) -> str:
        secret = _prepared(password)
        if secret is None:
            raise ValueError("The password cannot be encoded, or it is too long.")
        return self._argon2.hash(secret)

    def _verify(self, password: str, stored: str | None) -> Verified:
        secret = _prepared(password)
        if secret is None or stored is None:
            return self._wrong_at_full_cost(secret or b"")
        try:
            self._argon2.verify(stored, secret)
        except VerifyMismatchError:
            return _WRONG
        except (VerificationError, ValueError):
            # Not an Argon2 hash, or a damaged one: nothing has been computed so far.
            return self._wrong_at_full_cost(secret)
        return Verified(right=True, needs_upgrade=self._argon2.check_needs_rehash(stored))

    def _wrong_at_full_cost(self, secret: bytes) -> Verified:
        with contextlib.suppress(VerifyMismatchError):
            self._argon2.verify(self._dummy, secret)
        return _WRONG


def _prepared(password: str) -> bytes | None:
    """The bytes to hash: NFC (RFC 8265 section 4.2), UTF-8. None for text that cannot be a password."""
    if len(password) > LONGEST_PASSWORD * LONGEST_EXPANSION:
        return None
    try:
        return normalize("NFC", password).encode()
    except UnicodeEncodeError:
        # Only lone surrogates. The error goes no further: it carries the whole text.
        return None


def _dummy_hash(parameters: Argon2Parameters) -> str:
    """A hash that no password has: salt and result are drawn at random, so nothing needs to be computed."""
    salt, result = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES)
    )
    cost = f"m={parameters.memory_kib},t={parameters.iterations},p={parameters.parallelism}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${cost}${salt}${result}"
