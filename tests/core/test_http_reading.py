"""Answers of other servers are read up to a limit."""

from __future__ import annotations

import gzip

import httpx2
import pytest

from gatewright.core.http_reading import read_at_most


@pytest.mark.parametrize(("limit", "read"), [(4, (b"abcd", True)), (3, (b"abc", False))])
async def test_the_limit_is_the_most_that_is_kept(limit: int, read: tuple[bytes, bool]) -> None:
    """And the reader learns whether there was more."""
    assert await read_at_most(httpx2.Response(200, content=b"abcd"), limit) == read


async def test_a_compressed_answer_is_not_unpacked() -> None:
    """A kilobyte could become a gigabyte: no compression was asked for."""
    packed = gzip.compress(b"x" * 1_000_000)

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(packed))

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    async with client, client.stream("GET", "https://example.com") as streamed:
        assert await read_at_most(streamed, 100_000) == (packed, True)
