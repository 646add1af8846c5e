"""The vault: for values that have to be stored and read back, but must be useless to a thief of the database.

Signing keys, second-factor secrets and the parameters of waiting mails are sealed with AES-256-GCM (NIST SP
800-38D) under a key derived from `SECRET`. An envelope is

    version (1 byte) | key id (8) | nonce (12) | ciphertext and tag

and all of it is authenticated, together with the purpose it was sealed for, so that a sealed value moved to another
column does not open there. The nonce is random, which is safe for 2**32 envelopes under one secret (section 8.3).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gatewright.errors import SetupError

_KEY_DERIVATION_SALT = b"gatewright key derivation, version 1"
_VERSION = b"\x01"
_KEY_ID_LENGTH = 8
_NONCE_LENGTH = 12
PREFIX_LENGTH = len(_VERSION) + _KEY_ID_LENGTH
"""Bytes at the beginning of an envelope that identify the secret that sealed it."""

_CIPHERTEXT_START = PREFIX_LENGTH + _NONCE_LENGTH


class SealBroken(SetupError):
    """A sealed value does not open, because `SECRET` was changed or the value was damaged or moved."""


def derive_key(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose, made from *secret* by HKDF with SHA-256 (RFC 5869).

    Keys for different purposes reveal nothing about each other, nor about the secret.

    Args:
        secret: An entry of `SECRET`.
        purpose: What the key is for. Changing the words changes the key.
        length: How many bytes to make.

    Raises:
        ValueError: The secret is empty.
    """
    if not secret:
        raise ValueError("a key cannot be derived from an empty secret")
    return HKDF(SHA256(), length, _KEY_DERIVATION_SALT, purpose.encode()).derive(secret)


class Vault:
    """Seals and opens values under the entries of `SECRET`.

    Args:
        secrets: The entries in their order: the first seals, all of them open.

    Raises:
        ValueError: There is no secret.
    """

    __slots__ = ("_ciphers", "_first")

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise ValueError("the vault needs a secret")
        self._first = _prefix(secrets[0])
        self._ciphers = {_prefix(secret): AESGCM(derive_key(secret, "vault: seal")) for secret in secrets}

    @property
    def first_prefix(self) -> bytes:
        """The first bytes of envelopes that are sealed now."""
        return self._first

    @property
    def old_prefixes(self) -> tuple[bytes, ...]:
        """The first bytes of envelopes that each of the other secrets has sealed, in their order."""
        return tuple(prefix for prefix in self._ciphers if prefix != self._first)

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Encrypt *plain* so that only this vault opens it, and only for the same *purpose*."""
        nonce = os.urandom(_NONCE_LENGTH)
        ciphertext = self._ciphers[self._first].encrypt(nonce, plain, self._first + purpose.encode())
        return self._first + nonce + ciphertext

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Decrypt what `seal` made.

        Raises:
            SealBroken: It was sealed under a secret that is not listed any more, or for another purpose, or it
                was changed since.
        """
        prefix, nonce = sealed[:PREFIX_LENGTH], sealed[PREFIX_LENGTH:_CIPHERTEXT_START]
        cipher = self._ciphers.get(prefix)
        if cipher is None:
            raise SealBroken(
                f"A stored value ({purpose}) was sealed with a secret that SECRET does not list. Was SECRET changed? "
                "List the old secret behind the new one, so that both are known."
            )
        try:
            return cipher.decrypt(nonce, sealed[_CIPHERTEXT_START:], prefix + purpose.encode())
        except (InvalidTag, ValueError):
            raise SealBroken(
                f"A stored value ({purpose}) is damaged: it does not open although SECRET lists the secret that it "
                "was sealed with. Restore it from a backup."
            ) from None

    def is_sealed_by_first(self, sealed: bytes) -> bool:
        """Whether *sealed* names the secret that seals now; otherwise it should be opened and sealed again."""
        return sealed[:PREFIX_LENGTH] == self._first


def _prefix(secret: bytes) -> bytes:
    # The id is derived like a key of its own, so that an envelope tells nothing about the secret.
    return _VERSION + derive_key(secret, "vault: key id", _KEY_ID_LENGTH)
