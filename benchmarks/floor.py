"""How much does this core serve at all? An ASGI app that does nothing, on the server that Gatewright uses."""

from __future__ import annotations

from typing import Any

from benchmarks import calls, wrk
from benchmarks.figures import Measured
from benchmarks.server import REPOSITORY, Server, free_port

CONNECTIONS = 32


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer everything alike."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"11")]})
        await send({"type": "http.response.body", "body": b'{"ok":true}'})


def start(core: int) -> Server:
    """Start it on a core."""
    port = free_port()
    options = ["--app-dir", str(REPOSITORY), "--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    command = ["-m", "uvicorn", "benchmarks.floor:app", "--port", str(port), *options]
    return Server(command, port=port, core=core, ready="/")


def measure(bare: Server, seconds: float) -> Measured:
    """Requests per second."""
    load = wrk.repeat([calls.request("GET", "/")], port=bare.port, connections=CONNECTIONS, seconds=seconds).result()
    return {"floor": load.without_failures().per_second}
