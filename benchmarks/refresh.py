"""How fast is a refresh, each connection going on with the token that it was given?"""

from __future__ import annotations

from benchmarks import wrk
from benchmarks.figures import Measured
from benchmarks.stage import Stage


def measure(stage: Stage) -> Measured:
    """Refreshes per second, and their 99th percentile."""
    result = wrk.refresh(stage.log_in(), port=stage.server.port, seconds=stage.seconds).result().without_failures()
    return {"refresh": result.per_second, "refresh_p99": result.p99_ms}
