"""Identifiers for rows and requests."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_LETTERS = _ALPHABET[10:]
_CUID_RANDOM_CHARACTERS = 23
_CUID_SPACE = 36**_CUID_RANDOM_CHARACTERS


def cuid() -> str:
    """A new row identifier: 24 characters of `a-z0-9`, the first one a letter.

    It has the form of a CUID2 and, unlike a row number or a time-ordered id, reveals neither how many rows there are
    nor when this one was made. All 123 bits are random, so two never meet and none can be guessed.
    """
    number = secrets.randbelow(_CUID_SPACE)
    characters = [secrets.choice(_LETTERS)]
    for _ in range(_CUID_RANDOM_CHARACTERS):
        number, digit = divmod(number, 36)
        characters.append(_ALPHABET[digit])
    return "".join(characters)


def request_id() -> str:
    """A new request identifier: 32 hexadecimal characters, random (the form of a W3C trace id)."""
    return secrets.token_hex(16)
