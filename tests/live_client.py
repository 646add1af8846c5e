"""One of several client processes, run as a program of its own by `tests.live.storm`.

It reads what to send as one line of JSON, opens its connections, prints `ready`, waits for a line, sends everything
at once, and prints the answers as one line of JSON: so for every line that comes, until there is none.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from urllib.parse import urlsplit

import httpx2


async def send(orders: list[Any]) -> None:
    """Send these requests, and print the answers."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
    async with httpx2.AsyncClient(limits=limits, timeout=60) as client:
        servers = [urlsplit(url)._replace(path="/.well-known/jwks.json").geturl() for _, url, *_ in orders]
        await asyncio.gather(*(client.get(server) for server in servers))
        _say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(
            *(
                client.request(method, url, json=body, headers=headers, data=form)
                for method, url, body, headers, form in orders
            )
        )
    _say(json.dumps([[answer.status_code, _body(answer)] for answer in answers]))


def _body(answer: httpx2.Response) -> Any:
    if answer.headers.get("Content-Type", "").startswith("text/"):
        return answer.text
    return answer.json() if answer.content else None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in sys.stdin:
        asyncio.run(send(json.loads(line)))
