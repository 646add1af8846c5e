"""Entity tags of single rows (RFC 9110 section 8.8.3), and the condition `If-Match` (section 13.1.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

# The most that a client has a reason to send.
_MOST = 20
_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')

Versions: TypeAlias = tuple[str, ...] | None
"""The digests that a row may have for a change to go on; None for any."""


def etag(digest: str) -> str:
    """The strong entity tag of a row with *digest*."""
    return f'"{digest}"'


def read_if_match(values: Sequence[str]) -> Versions:
    """The condition in the `If-Match` headers of a request.

    Weak tags and what is no tag match nothing: the comparison is the strong one (section 8.8.3.2).
    """
    text = ",".join(values)
    if not values or text.strip() == "*":
        return None
    return tuple(match[2] for match in list(_TAG.finditer(text))[:_MOST] if not match[1])
