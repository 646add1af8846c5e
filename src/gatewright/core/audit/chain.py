"""The arithmetic of the audit log's chain: how each row's link is computed and checked.

A row's link is an HMAC-SHA-256 (RFC 2104) over the link before it and all that the row says, under a key that only the
vault opens. Anyone who can write to the table, but has not that key, cannot make a link. What is personal enters as a
salted hash kept beside it, so that it can be blanked together with its salt, and the link still holds.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gatewright.core.audit.events import Event, EventRow

PERSONAL_DETAILS = frozenset({"reason", "key", "before", "after"})
"""Names of details in which people write freely about others, and of those with the values of a row."""

SALT_BYTES = 16

_KEY_BYTES = 32
_LINK_BYTES = 32
_NUMBER_DIGITS = 16


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


@dataclass(frozen=True, slots=True)
class ChainRow:
    """The row of `gatewright_audit_chain`.

    Attributes:
        sealed: The chain's key, under `SECRET`.
    """

    sealed: bytes
    number: int
    link: bytes
    signature: bytes
    pruned_number: int
    pruned_link: bytes
    pruned_at: datetime
    pruned_signature: bytes

    @property
    def head(self) -> Head:
        """The newest row of the chain."""
        return Head(self.number, self.link)

    @property
    def checkpoint(self) -> Head:
        """The place that retention has removed the rows up to."""
        return Head(self.pruned_number, self.pruned_link)

    def has_signed_head(self, key: ChainKey) -> bool:
        """Whether the head is the one that was signed."""
        return hmac.compare_digest(self.signature, key.sign_head(self.head))

    def has_signed_checkpoint(self, key: ChainKey) -> bool:
        """Whether the checkpoint is the one that was signed."""
        return hmac.compare_digest(self.pruned_signature, key.sign_checkpoint(self.checkpoint, self.pruned_at))


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

    def link(self, before: Head, row: Event, personal_hash: bytes) -> bytes:
        """The link of the row that follows *before*."""
        who = (row.actor_id, row.subject_id, row.session_id, row.request_id)
        content = [before.number + 1, _moment(row.occurred_at), row.id, row.event, row.outcome, *who]
        details = {name: value for name, value in row.details.items() if name not in PERSONAL_DETAILS}
        return self._digest(b"row", before.link + personal_hash + _canonical([*content, details]))

    def sign_head(self, head: Head) -> bytes:
        """The proof that the chain had this head."""
        return self._digest(b"head", str(head).encode())

    def sign_checkpoint(self, place: Head, at: datetime) -> bytes:
        """The proof that retention has removed the rows up to *place*."""
        return self._digest(b"checkpoint", f"{place} {_moment(at)}".encode())

    def _digest(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.digest(self._key, purpose + b"\0" + content, "sha256")


def hash_personal(salt: bytes, row: Event) -> bytes:
    """The salted hash of a row's personal fields."""
    return hmac.digest(salt, _canonical(_personal(row)), "sha256")


def fault_of(key: ChainKey, before: Head, row: EventRow) -> str | None:
    """What is wrong with the row that should follow *before*; None when nothing is."""
    number = before.number + 1
    if row.number != number:
        return f"Row {number} is missing."
    content = f"{row.event} of {_moment(row.occurred_at)}, {row.id}"
    if not hmac.compare_digest(row.link or b"", key.link(before, row, row.personal_hash or b"")):
        return f"Row {number} is not what was sealed there: it was changed or moved. It says {content}."
    if not _has_its_personal_fields(row):
        return f"Personal fields of row {number} were changed ({content})."
    return None


def _has_its_personal_fields(row: EventRow) -> bool:
    if row.personal_salt is None:
        return not any(_personal(row))
    return hmac.compare_digest(row.personal_hash or b"", hash_personal(row.personal_salt, row))


def _personal(row: Event) -> list[Any]:
    details = {name: value for name, value in row.details.items() if name in PERSONAL_DETAILS}
    return [row.ip_address, row.user_agent, details]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _canonical(value: Any) -> bytes:
    return _WRITER.encode(value).encode()


# Made once: `json.dumps` makes one for each call with other than its own separators, which takes longer than to write.
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
