"""Hashes that other systems made: their users go on signing in, and each login puts one of ours in their place.

| made by | stored as |
| --- | --- |
| bcrypt, as bcryptjs, Auth0 and PHP write it | `$2a$…`, `$2b$…`, `$2y$…` |
| Django | `pbkdf2_sha256$…`, `pbkdf2_sha1$…`, `scrypt$…`, `bcrypt_sha256$$2b$…`, `bcrypt$$2b$…` |
| better-auth | `SALT:KEY`, both in hex |
| Firebase | `$firebase-scrypt$ln=MEM_COST,r=ROUNDS,sep=SALT_SEPARATOR$SALT$HASH`, the last three in base64 |
| passlib and others that write PHC strings | `$scrypt$ln=…,r=…,p=…$…$…`, `$pbkdf2-sha256$…` (also `-sha1`, `-sha512`) |

Argon2, also as Django writes it, is not handled here: `passwords` verifies it as its own. What a stored hash
costs is bounded, because it may come from an import that was not checked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from unicodedata import normalize

from gatewright.core.passwords.hashing_pool import Cost

MOST_PBKDF2_ITERATIONS = 5_000_000
"""Over all blocks of the result: one to three seconds. Django's default is 1.2 million in version 6.0."""

MOST_SCRYPT_MEMORY = 2**27
"""Bytes: 128 · N · r. As much as OWASP's first choice for scrypt takes (N = 2^17, r = 8)."""

MOST_SCRYPT_WORK = 2**21
"""N · r · p: under a second."""

MOST_BCRYPT_COST = 15
"""Two seconds. bcryptjs' default is 10, the tutorial's 12."""

LONGEST_STORED = 1024

MS_PER_UNIT: Mapping[str, float] = {"PBKDF2": 0.0008, "scrypt": 0.0004, "bcrypt": 0.07}
"""Milliseconds for a unit of work, measured and rounded up: an iteration of PBKDF2, one of scrypt's N · r · p, one of
bcrypt's 2^cost. They estimate a hash until one of its kind was measured."""

SHORTEST_RESULT = 16
LONGEST_RESULT = 64
"""Bytes of a hash's result. Shorter ones could be met by chance; no system makes longer ones."""

NO_SIGNER_KEY = "Firebase's hashes need the base64_signer_key in GATEWRIGHT_PASSWORD__FIREBASE_SIGNER_KEY."

NO_PASSWORD = "!"  # noqa: S105 (the mark of an account that has none)
"""Django writes it, followed by random text, for an account without a password."""

_BCRYPT_BYTES = 72

_BASE64 = r"([A-Za-z0-9+/._-]+={0,2})"
_BCRYPT = re.compile(r"(bcrypt\$|bcrypt_sha256\$)?(\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{22})([./A-Za-z0-9]{31})")
_DJANGO_PBKDF2 = re.compile(rf"pbkdf2_(sha1|sha256)\$([0-9]{{1,9}})\$([^$]+)\${_BASE64}")
_PHC_PBKDF2 = re.compile(
    rf"\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:l=[0-9]{{1,3}},)?(?:i=)?([0-9]{{1,9}})(?:,l=[0-9]{{1,3}})?\${_BASE64}\${_BASE64}"
)
_DJANGO_SCRYPT = re.compile(rf"scrypt\$([0-9]{{1,9}})\$([^$]+)\$([0-9]{{1,4}})\$([0-9]{{1,4}})\${_BASE64}")
_PHC_SCRYPT = re.compile(
    rf"\$scrypt\$([a-z]{{1,2}}=[0-9]{{1,4}}(?:,[a-z]{{1,2}}=[0-9]{{1,4}}){{2}})\${_BASE64}\${_BASE64}"
)
_FIREBASE = re.compile(rf"\$firebase-scrypt\$ln=([0-9]{{1,2}}),r=([0-9]{{1,4}}),sep={_BASE64}?\${_BASE64}\${_BASE64}")
_BETTER_AUTH = re.compile(r"([0-9a-f]{32}):([0-9a-f]{128})")

# How the hashes of systems that we know begin, so that a damaged one is called damaged.
_KNOWN_BEGINNINGS = (
    *("$2a$", "$2b$", "$2y$", "bcrypt$", "bcrypt_sha256$", "pbkdf2_sha1$", "pbkdf2_sha256$", "$pbkdf2$", "$pbkdf2-sha"),
    *("scrypt$", "$scrypt$", "$firebase-scrypt$"),
)

Derive = Callable[[bytes], bytes]


class NotSetUp(Exception):
    """Hashes of this kind could be verified if something were installed or set; the message says what."""


class Unreadable(Exception):
    """A stored hash that no password opens.

    Attributes:
        reason: Why, to follow "hashes that are".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


UNKNOWN = "of an unknown kind"
DAMAGED = "damaged"
TOO_COSTLY = "over the cost limits"


def parameters(text: str) -> dict[str, int]:
    """The parameters of a PHC string, which come in any order: `m=19456,t=2,p=1`."""
    return {name: int(value) for name, _, value in (each.partition("=") for each in text.split(","))}


def typed_then_normalised(password: str) -> tuple[str, ...]:
    """*password* as it was typed and, where that differs, in NFC: other systems hash either."""
    return tuple(dict.fromkeys([password, normalize("NFC", password)]))


def _nfkc(password: str) -> tuple[str, ...]:
    return (normalize("NFKC", password),)


@dataclass(frozen=True, slots=True, repr=False)
class ForeignHash:
    """One hash of another system.

    Attributes:
        kind: The algorithm, for a count of them.
        cost: What verifying a password is expected to take.
        derive: What the system makes of a password's bytes.
        expected: What it made of the right one.
        forms: The texts that it may have hashed for a password.
    """

    kind: str
    cost: Cost
    derive: Derive
    expected: bytes
    forms: Callable[[str], tuple[str, ...]] = typed_then_normalised

    def matches(self, password: str) -> bool:
        """Whether it was made from *password*, whose text can be encoded. Takes up to three seconds for each form.

        Raises:
            ValueError: It is damaged in a way that only the computation finds.
        """
        return any(hmac.compare_digest(self.derive(form.encode()), self.expected) for form in self.forms(password))


class ForeignHashes:
    """Reads hashes of other systems.

    Args:
        firebase_signer_key: The `base64_signer_key` of a Firebase project, decoded. It is no part of the hashes, so
            that they are worth nothing without it.
    """

    def __init__(self, *, firebase_signer_key: bytes | None = None) -> None:
        self._signer_key = firebase_signer_key

    def read(self, stored: str) -> ForeignHash:
        """The hash that *stored* holds.

        Raises:
            Unreadable: It is of an unknown kind, damaged, or would cost too much.
            NotSetUp: It is of a known kind, and something is missing to verify it.
        """
        if len(stored) > LONGEST_STORED:
            raise Unreadable(UNKNOWN)
        for pattern, read in self._readers():
            if match := pattern.fullmatch(stored):
                return read(match)
        raise Unreadable(DAMAGED if stored.startswith(_KNOWN_BEGINNINGS) else UNKNOWN)

    def _readers(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ForeignHash]], ...]:
        return (
            (_BCRYPT, _read_bcrypt),
            (_DJANGO_PBKDF2, _read_django_pbkdf2),
            (_PHC_PBKDF2, _read_phc_pbkdf2),
            (_DJANGO_SCRYPT, _read_django_scrypt),
            (_PHC_SCRYPT, _read_phc_scrypt),
            (_BETTER_AUTH, _read_better_auth),
            (_FIREBASE, self._read_firebase),
        )

    def _read_firebase(self, match: re.Match[str]) -> ForeignHash:
        ln, r, separator, salt, result = match.groups(default="")
        expected = read_base64(result)
        whole_salt = read_base64(salt) + read_base64(separator)
        scrypt = _scrypt("Firebase scrypt", n=2 ** int(ln), r=int(r), p=1, salt=whole_salt, expected=bytes(32))
        if len(expected) < SHORTEST_RESULT:
            raise Unreadable(DAMAGED)
        if self._signer_key is None:
            raise NotSetUp(NO_SIGNER_KEY)
        return replace(scrypt, derive=_firebase(scrypt.derive, self._signer_key), expected=expected)


def read_base64(text: str) -> bytes:
    """What *text* encodes, in base64 of either alphabet (RFC 4648), or passlib's; padding may be missing.

    Empty when it is none: no hash is empty.
    """
    plain = text.rstrip("=").translate(str.maketrans("-_.", "+/+"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return b""


def bcrypt_library() -> ModuleType:
    """The package that computes bcrypt, an extra of ours.

    Raises:
        NotSetUp: It is not installed.
    """
    try:
        import bcrypt
    except ModuleNotFoundError as missing:
        if missing.name != "bcrypt":
            raise
        raise NotSetUp("bcrypt hashes need an extra: pip install 'gatewright[bcrypt]'.") from None
    return bcrypt


def _read_bcrypt(match: re.Match[str]) -> ForeignHash:
    system, salt, cost, expected = match.groups()
    if int(cost) < 4:
        raise Unreadable(DAMAGED)
    if int(cost) > MOST_BCRYPT_COST:
        raise Unreadable(TOO_COSTLY)
    bcrypt = bcrypt_library()

    def derive(secret: bytes) -> bytes:
        if system == "bcrypt_sha256$":
            secret = hashlib.sha256(secret).hexdigest().encode()
        # bcrypt itself looks at 72 bytes. The library refuses longer ones, where the other systems cut them off.
        hashed: bytes = bcrypt.hashpw(secret[:_BCRYPT_BYTES], salt.encode())
        return hashed[len(salt) :]

    return ForeignHash("bcrypt", _cost("bcrypt", cost, 2 ** int(cost)), derive, expected.encode())


def _read_django_pbkdf2(match: re.Match[str]) -> ForeignHash:
    digest, iterations, salt, result = match.groups()
    return _pbkdf2(digest, int(iterations), salt.encode(), read_base64(result))


def _read_phc_pbkdf2(match: re.Match[str]) -> ForeignHash:
    digest, iterations, salt, result = match.groups()
    return _pbkdf2(digest or "sha1", int(iterations), read_base64(salt), read_base64(result))


def _pbkdf2(digest: str, iterations: int, salt: bytes, expected: bytes) -> ForeignHash:
    work = iterations * -(-len(expected) // hashlib.new(digest).digest_size)
    if not SHORTEST_RESULT <= len(expected) <= LONGEST_RESULT or work < 1:
        raise Unreadable(DAMAGED)
    if work > MOST_PBKDF2_ITERATIONS:
        raise Unreadable(TOO_COSTLY)
    return ForeignHash(
        "PBKDF2",
        _cost("PBKDF2", f"{digest} {work}", work),
        lambda secret: hashlib.pbkdf2_hmac(digest, secret, salt, iterations, dklen=len(expected)),
        expected,
    )


def _read_django_scrypt(match: re.Match[str]) -> ForeignHash:
    n, salt, r, p, result = match.groups()
    return _scrypt("scrypt", n=int(n), r=int(r), p=int(p), salt=salt.encode(), expected=read_base64(result))


def _read_phc_scrypt(match: re.Match[str]) -> ForeignHash:
    written, salt, result = match.groups()
    found = parameters(written)
    if found.keys() != {"ln", "r", "p"}:
        raise Unreadable(UNKNOWN)
    if found["ln"] >= MOST_SCRYPT_WORK.bit_length():
        raise Unreadable(TOO_COSTLY)
    n, salted, expected = 2 ** found["ln"], read_base64(salt), read_base64(result)
    return _scrypt("scrypt", n=n, r=found["r"], p=found["p"], salt=salted, expected=expected)


def _read_better_auth(match: re.Match[str]) -> ForeignHash:
    salt, key = match.groups()
    # The salt's hex is hashed as text.
    scrypt = _scrypt("better-auth scrypt", n=2**14, r=16, p=1, salt=salt.encode(), expected=bytes.fromhex(key))
    return replace(scrypt, forms=_nfkc)


def _scrypt(kind: str, *, n: int, r: int, p: int, salt: bytes, expected: bytes) -> ForeignHash:
    """A hash by scrypt (RFC 7914) with these parameters."""
    if n < 2 or n & (n - 1) or r < 1 or p < 1 or not SHORTEST_RESULT <= len(expected) <= LONGEST_RESULT:
        raise Unreadable(DAMAGED)
    memory = 128 * n * r
    if memory > MOST_SCRYPT_MEMORY or n * r * p > MOST_SCRYPT_WORK:
        raise Unreadable(TOO_COSTLY)
    # OpenSSL counts what it needs besides: 128 · r · p, and a few blocks.
    allowed = memory + 128 * r * (p + 4)
    size = len(expected)
    return ForeignHash(
        kind,
        _cost("scrypt", f"{n} {r} {p}", n * r * p),
        lambda secret: hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=allowed, dklen=size),
        expected,
    )


def _cost(algorithm: str, parameters: str, units: int) -> Cost:
    return Cost(f"{algorithm} {parameters}", units * MS_PER_UNIT[algorithm])


def _firebase(derive: Derive, signer_key: bytes) -> Derive:
    """Firebase's last step: the signer key, encrypted under what scrypt made (AES-256 in CTR mode from zero)."""

    def encrypt(secret: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        cipher = Cipher(algorithms.AES(derive(secret)), modes.CTR(bytes(16))).encryptor()
        return cipher.update(signer_key) + cipher.finalize()

    return encrypt
