"""Reading an answer of another server, which may send more than it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpx2 import Response

UNCOMPRESSED: Mapping[str, str] = {"Accept-Encoding": "identity"}
"""Headers of each request whose answer is read here: the bytes received are the bytes kept."""


async def read_at_most(answer: Response, limit: int) -> tuple[bytes, bool]:
    """The first *limit* bytes of the body of *answer*, as they were sent, and whether they are all of it."""
    # One that is compressed in spite of the request stays so: a few of its bytes can become gigabytes.
    chunks = answer.aiter_raw() if "content-encoding" in answer.headers else answer.aiter_bytes()
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            return bytes(body[:limit]), False
    return bytes(body), True
