"""Hashes that other systems made: their users go on signing in, and each login puts one of ours in their place.

| made by | stored as |
| --- | --- |
| bcrypt, as bcryptjs, Auth0 and PHP write it | `$2a$…`, `$2b$…`, `$2y$…` |
| Django | `pbkdf2_sha256$…`, `pbkdf2_sha1$…`, `scrypt$…`, `bcrypt_sha256$$2b$…`, `bcrypt$$2b$…` |
| better-auth | `SALT:KEY`, both in hex |
| Firebase | `$firebase-scrypt$ln=MEM_COST,r=ROUNDS,sep=SALT_SEPARATOR$SALT$HASH`, the last three in base64 |
| passlib and others that write PHC strings | `$scrypt$ln=…,r=…,p=…$…$…`, `$pbkdf2-sha256$…` (also `-sha1`, `-sha512`) |

Argon2, also as Django writes it, is no matter of this module: `passwords` verifies it as its own. What a stored hash
costs is bounded, because it may come from an import that nobody looked through.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from unicodedata import normalize

MOST_PBKDF2_ITERATIONS = 5_000_000
"""Over all blocks of the result: one to three seconds. Django's default is 1.2 million in version 6.0."""

MOST_SCRYPT_MEMORY = 2**27
"""Bytes: 128 · N · r. As much as OWASP's first choice for scrypt takes (N = 2^17, r = 8)."""

MOST_SCRYPT_WORK = 2**21
"""N · r · p: under a second."""

MOST_BCRYPT_COST = 15
"""Two seconds. bcryptjs' default is 10, the tutorial's 12."""

LONGEST_STORED = 1024

KINDS: Mapping[str, tuple[str, ...]] = {
    "bcrypt": ("$2a$%", "$2b$%", "$2y$%", "bcrypt$$2%", "bcrypt_sha256$$2%"),
    "PBKDF2": ("pbkdf2_sha1$%", "pbkdf2_sha256$%", "$pbkdf2$%", "$pbkdf2-sha%"),
    "Firebase scrypt": ("$firebase-scrypt$%",),
    "scrypt": ("scrypt$%", "$scrypt$%"),
    "better-auth scrypt": ("_" * 32 + ":" + "_" * 128,),
    "Django Argon2": ("argon2$argon2%",),
}
"""The kinds of hashes, each with the patterns (SQL's LIKE) by which a database finds them."""

SHORTEST_RESULT = 16
LONGEST_RESULT = 64
"""Bytes of a hash's result. Shorter ones could be met by chance; no system makes longer ones."""

NO_SIGNER_KEY = "Firebase's hashes need the base64_signer_key in GATEWRIGHT_PASSWORD__FIREBASE_SIGNER_KEY."

_BCRYPT_BYTES = 72

_BASE64 = r"([A-Za-z0-9+/._-]+={0,2})"
_BCRYPT = re.compile(r"(bcrypt\$|bcrypt_sha256\$)?(\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{22})([./A-Za-z0-9]{31})")
_DJANGO_PBKDF2 = re.compile(rf"pbkdf2_(sha1|sha256)\$([0-9]{{1,9}})\$([^$]+)\${_BASE64}")
_PHC_PBKDF2 = re.compile(
    rf"\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?([0-9]{{1,9}})(?:,l=[0-9]{{1,3}})?\${_BASE64}\${_BASE64}"
)
_DJANGO_SCRYPT = re.compile(rf"scrypt\$([0-9]{{1,9}})\$([^$]+)\$([0-9]{{1,4}})\$([0-9]{{1,4}})\${_BASE64}")
_PHC_SCRYPT = re.compile(rf"\$scrypt\$ln=([0-9]{{1,2}}),r=([0-9]{{1,4}}),p=([0-9]{{1,4}})\${_BASE64}\${_BASE64}")
_FIREBASE = re.compile(rf"\$firebase-scrypt\$ln=([0-9]{{1,2}}),r=([0-9]{{1,4}}),sep={_BASE64}?\${_BASE64}\${_BASE64}")
_BETTER_AUTH = re.compile(r"([0-9a-f]{32}):([0-9a-f]{128})")

Derive = Callable[[bytes], bytes]


class NotSetUp(Exception):
    """Hashes of this kind could be verified if something were installed or set; the message says what."""


def typed_then_normalised(password: str) -> tuple[str, ...]:
    """*password* as it was typed and, where that differs, in NFC: other systems hash either."""
    return tuple(dict.fromkeys([password, normalize("NFC", password)]))


def _nfkc(password: str) -> tuple[str, ...]:
    return (normalize("NFKC", password),)


@dataclass(frozen=True, slots=True, repr=False)
class ForeignHash:
    """One hash of another system.

    Attributes:
        derive: What the system makes of a password's bytes.
        expected: What it made of the right one.
        forms: The texts that it may have hashed for a password.
    """

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

    def read(self, stored: str) -> ForeignHash | None:
        """The hash that *stored* holds; None when it is of no known kind, damaged, or would cost too much.

        Raises:
            NotSetUp: It is of a known kind, and something is missing to verify it.
        """
        if len(stored) > LONGEST_STORED:
            return None
        for pattern, read in self._readers():
            if match := pattern.fullmatch(stored):
                return read(match)
        return None

    def _readers(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], ForeignHash | None]], ...]:
        return (
            (_BCRYPT, _read_bcrypt),
            (_DJANGO_PBKDF2, _read_django_pbkdf2),
            (_PHC_PBKDF2, _read_phc_pbkdf2),
            (_DJANGO_SCRYPT, _read_django_scrypt),
            (_PHC_SCRYPT, _read_phc_scrypt),
            (_BETTER_AUTH, _read_better_auth),
            (_FIREBASE, self._read_firebase),
        )

    def _read_firebase(self, match: re.Match[str]) -> ForeignHash | None:
        ln, r, separator, salt, result = match.groups(default="")
        expected = read_base64(result)
        whole_salt = read_base64(salt) + read_base64(separator)
        derive = _scrypt(n=2 ** int(ln), r=int(r), p=1, salt=whole_salt, size=32)
        if derive is None or len(expected) < SHORTEST_RESULT:
            return None
        if self._signer_key is None:
            raise NotSetUp(NO_SIGNER_KEY)
        return ForeignHash(_firebase(derive, self._signer_key), expected)


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


def _read_bcrypt(match: re.Match[str]) -> ForeignHash | None:
    system, salt, cost, expected = match.groups()
    if not 4 <= int(cost) <= MOST_BCRYPT_COST:
        return None
    bcrypt = bcrypt_library()

    def derive(secret: bytes) -> bytes:
        if system == "bcrypt_sha256$":
            secret = hashlib.sha256(secret).hexdigest().encode()
        # bcrypt itself looks at 72 bytes. The library refuses longer ones, where the other systems cut them off.
        hashed: bytes = bcrypt.hashpw(secret[:_BCRYPT_BYTES], salt.encode())
        return hashed[len(salt) :]

    return ForeignHash(derive, expected.encode())


def _read_django_pbkdf2(match: re.Match[str]) -> ForeignHash | None:
    digest, iterations, salt, result = match.groups()
    return _pbkdf2(digest, int(iterations), salt.encode(), read_base64(result))


def _read_phc_pbkdf2(match: re.Match[str]) -> ForeignHash | None:
    digest, iterations, salt, result = match.groups()
    return _pbkdf2(digest or "sha1", int(iterations), read_base64(salt), read_base64(result))


def _pbkdf2(digest: str, iterations: int, salt: bytes, expected: bytes) -> ForeignHash | None:
    blocks = -(-len(expected) // hashlib.new(digest).digest_size)
    if not SHORTEST_RESULT <= len(expected) <= LONGEST_RESULT or not 1 <= iterations * blocks <= MOST_PBKDF2_ITERATIONS:
        return None
    return ForeignHash(
        lambda secret: hashlib.pbkdf2_hmac(digest, secret, salt, iterations, dklen=len(expected)), expected
    )


def _read_django_scrypt(match: re.Match[str]) -> ForeignHash | None:
    n, salt, r, p, result = match.groups()
    expected = read_base64(result)
    derive = _scrypt(n=int(n), r=int(r), p=int(p), salt=salt.encode(), size=len(expected))
    return None if derive is None else ForeignHash(derive, expected)


def _read_phc_scrypt(match: re.Match[str]) -> ForeignHash | None:
    ln, r, p, salt, result = match.groups()
    expected = read_base64(result)
    derive = _scrypt(n=2 ** int(ln), r=int(r), p=int(p), salt=read_base64(salt), size=len(expected))
    return None if derive is None else ForeignHash(derive, expected)


def _read_better_auth(match: re.Match[str]) -> ForeignHash | None:
    salt, key = match.groups()
    # The salt's hex is hashed as text.
    derive = _scrypt(n=2**14, r=16, p=1, salt=salt.encode(), size=64)
    return None if derive is None else ForeignHash(derive, bytes.fromhex(key), forms=_nfkc)


def _scrypt(*, n: int, r: int, p: int, salt: bytes, size: int) -> Derive | None:
    """Compute scrypt (RFC 7914) with these parameters; None when they are none, or cost too much."""
    if n < 2 or n & (n - 1) or r < 1 or p < 1 or not SHORTEST_RESULT <= size <= LONGEST_RESULT:
        return None
    memory = 128 * n * r
    if memory > MOST_SCRYPT_MEMORY or n * r * p > MOST_SCRYPT_WORK:
        return None
    # OpenSSL counts what it needs besides: 128 · r · p, and a few blocks.
    allowed = memory + 128 * r * (p + 4)
    return lambda secret: hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=allowed, dklen=size)


def _firebase(derive: Derive, signer_key: bytes) -> Derive:
    """Firebase's last step: the signer key, encrypted under what scrypt made (AES-256 in CTR mode from zero)."""

    def encrypt(secret: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        cipher = Cipher(algorithms.AES(derive(secret)), modes.CTR(bytes(16))).encryptor()
        return cipher.update(signer_key) + cipher.finalize()

    return encrypt
