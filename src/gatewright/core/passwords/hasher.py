"""Hashing and verifying passwords: Argon2id (RFC 9106), off the event loop, at the same cost for everyone."""

from __future__ import annotations

import base64
import contextlib
import logging
import re
import secrets
from dataclasses import dataclass, field
from unicodedata import normalize

import argon2
from argon2.exceptions import VerificationError, VerifyMismatchError

from gatewright.core.passwords.foreign_hashes import (
    DAMAGED,
    LONGEST_STORED,
    NO_PASSWORD,
    TOO_COSTLY,
    ForeignHash,
    ForeignHashes,
    NotSetUp,
    Unreadable,
    parameters,
    read_base64,
)
from gatewright.core.passwords.hashing_pool import OWN, Cost, HashingPool

LONGEST_PASSWORD = 1024
"""Code points, after normalisation, that no password may exceed, whatever the settings say.

Normalising takes time that grows with the square of the length when accents are out of order: 2.5 seconds for
60,000 code points, with the GIL held. So longer text is refused before it is normalised.
"""

LONGEST_EXPANSION = 4
"""Code points that one becomes at most when it is decomposed canonically (as U+1F82 does)."""

MOST_ARGON2_MEMORY_KIB = 2**20
"""The most memory that a stored hash may take, whatever its origin: 1 GiB."""

MOST_ARGON2_WORK = 2**22
"""Memory in KiB times passes: three seconds. More only where today's own parameters ask for it."""

MOST_ARGON2_LANES = 64

_SALT_BYTES = 16
_HASH_BYTES = 32
_MS_PER_KIB = 0.001
"""What a pass over a KiB of memory took here, in milliseconds, generously."""

_SHORTEST_SALT = 8
_SHORTEST_RESULT = 4

# Parameters come in any order: the PHC format has m, t, p, and npm's argon2 writes m, p, t since 0.45.
_ARGON2 = re.compile(
    r"(?P<django>argon2)?\$(?P<type>argon2(?:id|i|d))(?P<version>\$v=[0-9]{1,3})?"
    r"\$(?P<parameters>[mtp]=[0-9]{1,10}(?:,[mtp]=[0-9]{1,10}){2})"
    r"\$(?P<salt>[A-Za-z0-9+/]+)=*\$(?P<result>[A-Za-z0-9+/]+)=*"
)
_ARGON2_BEGINNINGS = ("$argon2", "argon2$argon2")

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
        upgraded: The hash to store in place of the one that it opened, which was made in another way than today's.
    """

    right: bool
    upgraded: str | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.right


_WRONG = Verified(right=False)
_RIGHT = Verified(right=True)


@dataclass(frozen=True, slots=True, repr=False)
class Argon2Hash:
    """A stored hash that Argon2 verifies.

    Attributes:
        kind: For a count of them.
        cost: What verifying is expected to take.
        text: The hash in the order that Argon2 reads.
        is_current: It is stored as we store hashes today.
    """

    kind: str
    cost: Cost
    text: str
    is_current: bool


class PasswordHasher:
    """Hashes and verifies passwords with Argon2id, in a bounded pool of threads (`HashingPool`).

    Args:
        own: The cost of new hashes.
        queue_ms: A call that would have to wait longer than this, in milliseconds, is refused.
        workers: Number of threads; as many as the cores this process may use, when left out.
        foreign: Reads the hashes of other systems, which are verified only.
    """

    def __init__(
        self,
        own: Argon2Parameters,
        *,
        queue_ms: int,
        workers: int | None = None,
        foreign: ForeignHashes | None = None,
    ) -> None:
        self._parameters = own
        self._foreign = foreign or ForeignHashes()
        self._warned: set[str] = set()
        self._argon2 = argon2.PasswordHasher(
            time_cost=own.iterations,
            memory_cost=own.memory_kib,
            parallelism=own.parallelism,
            salt_len=_SALT_BYTES,
            hash_len=_HASH_BYTES,
            type=argon2.Type.ID,
        )
        self._pool = HashingPool(queue_ms=queue_ms, workers=workers)
        self._dummy = _dummy_hash(own)

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

    async def verify(self, password: str, stored: str | None, *, refuse: bool = True) -> Verified:
        """Whether *password* is the one that *stored* was made from.

        *stored* may be a hash of ours, or of another system (`foreign_hashes`). It is None for an address without an
        account, or an account without a password. That, text that cannot be a password, and a hash that is of an
        unknown kind or would cost too much are answered "wrong", after as many computations of today's cost as a
        wrong password takes: one, or two when the text is not in NFC.

        A right password for a hash that is not today's is hashed in the same job: once it is known to be right, no
        queue can refuse it.

        Args:
            refuse: False for a call that was let in and has to verify again.

        Raises:
            Overloaded: More hashes wait than can be computed in time.
        """
        read = None if stored is None else self._read(stored)
        return await self._pool.run(
            lambda: self._verify(password, read), OWN if read is None else read.cost, refuse=refuse
        )

    def read(self, stored: str) -> Argon2Hash | ForeignHash:
        """The hash that *stored* holds, as `verify` reads it.

        Raises:
            Unreadable: No password opens it; its reason says why.
            NotSetUp: It is of a known kind, and something is missing to verify it.
        """
        if not stored.startswith(_ARGON2_BEGINNINGS):
            return self._foreign.read(stored)
        match = _ARGON2.fullmatch(stored) if len(stored) <= LONGEST_STORED else None
        found = {} if match is None else parameters(match["parameters"])
        if match is None or found.keys() != {"m", "t", "p"}:
            raise Unreadable(DAMAGED)
        memory, iterations, lanes = found["m"], found["t"], found["p"]
        if lanes < 1 or iterations < 1 or memory < 8 * lanes or _too_short(match):
            raise Unreadable(DAMAGED)
        if not self._is_affordable(memory, iterations, lanes):
            raise Unreadable(TOO_COSTLY)
        written = f"m={memory},t={iterations},p={lanes}"
        text = f"${match['type']}{match['version'] or ''}${written}${match['salt']}${match['result']}"
        is_current = text == stored and not self._argon2.check_needs_rehash(text)
        cost = OWN if is_current else Cost(f"Argon2 {written}", memory * iterations * _MS_PER_KIB)
        return Argon2Hash("Django Argon2" if match["django"] else "Argon2", cost, text, is_current)

    def close(self) -> None:
        """End the threads; calls that wait get `Unavailable`. A later call starts new threads."""
        self._pool.close()

    def _hash(self, password: str) -> str:
        forms = _forms(password)
        if not forms:
            raise ValueError("The password cannot be encoded, or it is too long.")
        return self._argon2.hash(forms[0])

    def _read(self, stored: str) -> Argon2Hash | ForeignHash | None:
        try:
            return self.read(stored)
        except NotSetUp as missing:
            self._warn_once(str(missing))
        except Unreadable:
            pass
        return None

    def _is_affordable(self, memory: int, iterations: int, lanes: int) -> bool:
        """Whether Argon2 may be asked about such a hash: no hostile import makes it compute for hours."""
        own = self._parameters
        return (
            lanes <= MOST_ARGON2_LANES
            and memory <= max(MOST_ARGON2_MEMORY_KIB, own.memory_kib)
            and memory * iterations <= max(MOST_ARGON2_WORK, own.memory_kib * own.iterations)
        )

    def _verify(self, password: str, read: Argon2Hash | ForeignHash | None) -> Verified:
        forms = _forms(password)
        if not forms or read is None:
            return self._wrong_at_full_cost(forms)
        try:
            if isinstance(read, Argon2Hash):
                return self._verify_argon2(forms, read)
            return self._upgraded(forms) if read.matches(password) else _WRONG
        except (VerificationError, ValueError):
            # A damaged hash: nothing has been computed so far.
            return self._wrong_at_full_cost(forms)

    def _verify_argon2(self, forms: tuple[bytes, ...], read: Argon2Hash) -> Verified:
        for number, form in enumerate(forms):
            with contextlib.suppress(VerifyMismatchError):
                self._argon2.verify(read.text, form)
                # A hash of the text as typed opens for that form only, so it is replaced by one of the composed form.
                return _RIGHT if read.is_current and number == 0 else self._upgraded(forms)
        return _WRONG

    def _upgraded(self, forms: tuple[bytes, ...]) -> Verified:
        return Verified(right=True, upgraded=self._argon2.hash(forms[0]))

    def _warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            _log.warning("Accounts with such a hash cannot sign in: %s", message)

    def _wrong_at_full_cost(self, forms: tuple[bytes, ...]) -> Verified:
        for form in forms or (b"",):
            with contextlib.suppress(VerifyMismatchError):
                self._argon2.verify(self._dummy, form)
        return _WRONG


def has_password(stored: str | None) -> bool:
    """Whether an account with this stored hash has a password: imports write what Django writes where it has none."""
    return stored is not None and not stored.startswith(NO_PASSWORD)


def _too_short(match: re.Match[str]) -> bool:
    return len(read_base64(match["salt"])) < _SHORTEST_SALT or len(read_base64(match["result"])) < _SHORTEST_RESULT


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


def _dummy_hash(own: Argon2Parameters) -> str:
    """A hash that no password has: salt and result are drawn at random, so nothing needs to be computed."""
    salt, result = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_SALT_BYTES, _HASH_BYTES)
    )
    cost = f"m={own.memory_kib},t={own.iterations},p={own.parallelism}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${cost}${salt}${result}"
