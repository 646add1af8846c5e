"""The arithmetic of the audit log's chain: what each row's link is made of, and what is wrong with one.

A row's link is an HMAC-SHA-256 (RFC 2104) over the link before it and all that the row says, under a key that only the
vault opens. Whoever can write to the table, but has not that key, cannot make a link. What is personal enters as a
salted hash kept beside it, so that it can be blanked together with its salt, and the link still holds.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gatewright.storage.rows import Row

CHAINED_COLUMNS = ("number", "personal_salt", "personal_hash", "link")
"""What the sealer adds to an event's row."""

PERSONAL_DETAILS = frozenset({"reason"})
"""Names of details in which people write freely about others."""

SALT_BYTES = 16

_KEY_BYTES = 32
_LINK_BYTES = 32
_NUMBER_DIGITS = 16
_PLAIN = ("id", "event", "outcome", "actor_id", "subject_id", "session_id", "request_id")


@dataclass(frozen=True, slots=True)
class Head:
    """A place in the chain; as text, it is what an operator notes.

    Attributes:
        number: The row's number; 0 is the place before the first row.
        link: The row's link.
    """

    number: int
    link: bytes

    def __str__(self) -> str:
        return f"{self.number:0{_NUMBER_DIGITS}x}{self.link.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """The head that `str` wrote.

        Raises:
            ValueError: It is not one.
        """
        raw = bytes.fromhex(text)
        if len(raw) != _NUMBER_DIGITS // 2 + _LINK_BYTES:
            raise ValueError("not as long as a head")
        return cls(int.from_bytes(raw[:-_LINK_BYTES]), raw[-_LINK_BYTES:])


START = Head(0, bytes(_LINK_BYTES))
"""The place before the first row."""


class ChainKey:
    """The key that makes links and signatures.

    Args:
        key: 32 bytes.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    @staticmethod
    def generate() -> bytes:
        """The bytes of a new key. They have to be sealed before they are stored."""
        return os.urandom(_KEY_BYTES)

    def link(self, before: Head, row: Mapping[str, Any], personal_hash: bytes) -> bytes:
        """The link of the row that follows *before*."""
        said = [before.number + 1, _moment(row["occurred_at"]), *(row[name] for name in _PLAIN)]
        details = {name: value for name, value in row["details"].items() if name not in PERSONAL_DETAILS}
        return self._digest(b"row", before.link + personal_hash + _canonical([*said, details]))

    def sign_head(self, head: Head) -> bytes:
        """What shows that the chain had this head."""
        return self._digest(b"head", str(head).encode())

    def sign_checkpoint(self, place: Head, at: datetime) -> bytes:
        """What shows that retention has removed the rows up to *place*."""
        return self._digest(b"checkpoint", f"{place} {_moment(at)}".encode())

    def _digest(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.digest(self._key, purpose + b"\0" + content, "sha256")


def hash_personal(salt: bytes, row: Mapping[str, Any]) -> bytes:
    """The salted hash of a row's personal fields."""
    return hmac.digest(salt, _canonical(_personal(row)), "sha256")


def fault_of(key: ChainKey, before: Head, row: Row) -> str | None:
    """What is wrong with the row that should follow *before*; None when nothing is."""
    number = before.number + 1
    if row["number"] != number:
        return f"Row {number} is missing."
    said = f"{row['event']} of {_moment(row['occurred_at'])}, {row['id']}"
    if not hmac.compare_digest(row["link"] or b"", key.link(before, row, row["personal_hash"] or b"")):
        return f"Row {number} is not what was sealed there: it was changed or moved. It says {said}."
    if not _has_its_personal_fields(row):
        return f"Personal fields of row {number} were changed ({said})."
    return None


def _has_its_personal_fields(row: Row) -> bool:
    if row["personal_salt"] is None:
        return not any(_personal(row))
    return hmac.compare_digest(row["personal_hash"], hash_personal(row["personal_salt"], row))


def _personal(row: Mapping[str, Any]) -> list[Any]:
    details = {name: value for name, value in row["details"].items() if name in PERSONAL_DETAILS}
    return [row["ip_address"], row["user_agent"], details]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _canonical(value: Any) -> bytes:
    return _WRITER.encode(value).encode()


# Made once: `json.dumps` makes one for each call with other than its own separators, which takes longer than to write.
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
