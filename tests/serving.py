"""An app of this process behind a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import uvicorn
from starlette.types import ASGIApp

from tests.live import free_port


@contextmanager
def served(app: ASGIApp) -> Iterator[httpx2.Client]:
    """A client of *app* behind uvicorn, in a thread with an event loop of its own. The lifespan has to be answered."""
    port = free_port()
    config = uvicorn.Config(app, port=port, lifespan="on", log_config=None, loop="asyncio", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx2.HTTPTransport(retries=10)) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()
    assert not server.lifespan.error_occurred
