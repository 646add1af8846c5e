"""base64url without padding (RFC 4648 section 5, RFC 7515 appendix C), with exactly one text per value."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(raw: bytes) -> str:
    """The text of *raw*: the alphabet `A-Za-z0-9-_`, no padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes that *text* encodes.

    Raises:
        ValueError: `encode` never writes this: it has padding, white space, other characters, or stray bits
            in its last character (which a lenient decoder drops, so that many texts would mean one token).
    """
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if encode(raw) != text:
        raise ValueError("not base64url in its only form")
    return raw
