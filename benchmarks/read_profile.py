"""How fast is an authenticated read whose user comes from the database?"""

from __future__ import annotations

from benchmarks import calls, wrk
from benchmarks.figures import Measured
from benchmarks.stage import Stage

CONNECTIONS = 32
PATH = "/users/profile"


def load(stage: Stage, path: str, seconds: float) -> wrk.Wrk:
    """Read *path* as every user in turn."""
    requests = [calls.request("GET", path, token=token) for token in stage.tokens]
    return wrk.repeat(requests, port=stage.server.port, connections=CONNECTIONS, seconds=seconds)


def measure(stage: Stage) -> Measured:
    """Reads per second, and the time that 99 of 100 took at most."""
    result = load(stage, PATH, stage.seconds).result().without_failures()
    return {"profile": result.per_second, "profile_p99": result.p99_ms}
