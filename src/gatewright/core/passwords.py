"""Hashing and verifying passwords: Argon2id (RFC 9106), off the event loop, at the same cost for everybody."""

from __future__ import annotations

import base64
import contextlib
import logging
import re
import secrets
from dataclasses import dataclass
from unicodedata import normalize

import argon2
from argon2.exceptions import VerificationError, VerifyMismatchError

from gatewright.core.foreign_hashes import ForeignHashes, NotSetUp
from gatewright.core.hashing_pool import HashingPool

LONGEST_PASSWORD = 1024
"""Code points, after normalisation, that no password may exceed, whatever the settings say.

Normalising takes time that grows with the square of the length when accents are out of order: 2.5 seconds for
60,000 code points, with the GIL held. So longer text is refused before it is normalised.
"""

LONGEST_EXPANSION = 4
"""Code points that one becomes at most when it is decomposed canonically (as U+1F82 does)."""

MOST_ARGON2_MEMORY_KIB = 2**20
"""What a stored hash may take at most, whoever made it: 1 GiB."""

MOST_ARGON2_WORK = 2**22
"""Memory in KiB times passes: three seconds. More only where today's own parameters ask for it."""

MOST_ARGON2_LANES = 64

_SALT_BYTES = 16
_HASH_BYTES = 32
_ARGON2 = re.compile(
    r"\$argon2(?:id|i|d)(?:\$v=[0-9]{1,3})?\$m=([0-9]{1,10}),t=([0-9]{1,10}),p=([0-9]{1,8})\$.*", re.DOTALL
)

_log = logging.getLogger("gatewright.passwords")


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
        needs_upgrade: It is, and the stored hash was made in another way than today's: hash it anew.
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
        foreign: Reads the hashes of other systems, which are verified only.
    """

    def __init__(
        self,
        parameters: Argon2Parameters,
        *,
        queue_ms: int,
        workers: int | None = None,
        foreign: ForeignHashes | None = None,
    ) -> None:
        self._parameters = parameters
        self._foreign = foreign or ForeignHashes()
        self._told: set[str] = set()
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

        *stored* may be a hash of ours, or of another system (`foreign_hashes`). It is None for an address without an
        account, or an account without a password. That, text that cannot be a password, and a hash that is of an
        unknown kind or would cost too much are answered "wrong", after as many computations of today's cost as a
        wrong password takes: one, or two when the text is not in NFC.

        Raises:
            Overloaded: More hashes wait than can be computed in time.
        """
        return await self._pool.run(lambda: self._verify(password, stored))

    def close(self) -> None:
        """End the threads; calls that wait get `Unavailable`. A later call starts new threads."""
        self._pool.close()

    def _hash(self, password: str) -> str:
        forms = _forms(password)
        if not forms:
            raise ValueError("The password cannot be encoded, or it is too long.")
        return self._argon2.hash(forms[0])

    def _verify(self, password: str, stored: str | None) -> Verified:
        forms = _forms(password)
        if not forms or stored is None:
            return self._wrong_at_full_cost(forms)
        # Django writes its own word before what Argon2 writes.
        argon2_hash = stored.removeprefix("argon2") if stored.startswith("argon2$") else stored
        try:
            if self._is_argon2(argon2_hash):
                return self._verify_argon2(forms, argon2_hash, is_ours=argon2_hash == stored)
            return self._verify_foreign(password, stored, forms)
        except (VerificationError, ValueError):
            # A damaged hash: nothing has been computed so far.
            return self._wrong_at_full_cost(forms)

    def _is_argon2(self, stored: str) -> bool:
        """Whether it is a hash that Argon2 may be asked about: no hostile import makes it compute for hours."""
        match = _ARGON2.fullmatch(stored)
        if match is None:
            return False
        memory, iterations, lanes = map(int, match.groups())
        own = self._parameters
        return (
            lanes <= MOST_ARGON2_LANES
            and memory <= max(MOST_ARGON2_MEMORY_KIB, own.memory_kib)
            and memory * iterations <= max(MOST_ARGON2_WORK, own.memory_kib * own.iterations)
        )

    def _verify_argon2(self, forms: tuple[bytes, ...], stored: str, *, is_ours: bool) -> Verified:
        for form in forms:
            with contextlib.suppress(VerifyMismatchError):
                self._argon2.verify(stored, form)
                return Verified(right=True, needs_upgrade=not is_ours or self._argon2.check_needs_rehash(stored))
        return _WRONG

    def _verify_foreign(self, password: str, stored: str, forms: tuple[bytes, ...]) -> Verified:
        try:
            foreign = self._foreign.read(stored)
        except NotSetUp as missing:
            foreign = None
            self._tell_once(str(missing))
        if foreign is None:
            return self._wrong_at_full_cost(forms)
        return Verified(right=True, needs_upgrade=True) if foreign.matches(password) else _WRONG

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            _log.warning("nobody with such a hash can sign in: %s", message)

    def _wrong_at_full_cost(self, forms: tuple[bytes, ...]) -> Verified:
        for form in forms or (b"",):
            with contextlib.suppress(VerifyMismatchError):
                self._argon2.verify(self._dummy, form)
        return _WRONG


def _forms(password: str) -> tuple[bytes, ...]:
    """The bytes that *password* may have been hashed as, none for text that cannot be a password.

    First what we hash: NFC (RFC 8265 section 4.2) in UTF-8. Then the text as typed, where it differs: other systems
    hash that. A wrong password is tried as both, whatever is stored, so that the time tells nothing.
    """
    if len(password) > LONGEST_PASSWORD * LONGEST_EXPANSION:
        return ()
    try:
        return tuple(dict.fromkeys([normalize("NFC", password).encode(), password.encode()]))
    except UnicodeEncodeError:
        # Only lone surrogates. The error goes no further: it carries the whole text.
        return ()


def _dummy_hash(parameters: Argon2Parameters) -> str:
    """A hash that no password has: salt and result are drawn at random, so nothing needs to be computed."""
    salt, result = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES)
    )
    cost = f"m={parameters.memory_kib},t={parameters.iterations},p={parameters.parallelism}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${cost}${salt}${result}"
