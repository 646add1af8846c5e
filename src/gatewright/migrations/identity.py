"""The ids of revisions."""

from __future__ import annotations

import hashlib

_CHARACTERS = 12


def revision_id(parent: str | None, snapshot: str) -> str:
    """The id of the revision that leads from *parent* to the design of *snapshot*: 12 hexadecimal digits.

    It follows from the two alone. A draft and the revision that seals it are therefore the same revision to the
    database, and two people who make the same change on the same revision notice it.
    """
    return hashlib.sha256(f"{parent or ''}\n{snapshot}".encode()).hexdigest()[:_CHARACTERS]
