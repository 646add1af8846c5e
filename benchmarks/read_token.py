"""How fast is an authenticated read that needs nothing but the token?"""

from __future__ import annotations

from benchmarks import read_profile
from benchmarks.figures import Measured
from benchmarks.stage import Stage

PATH = "/users/admin"


def measure(stage: Stage) -> Measured:
    """Reads per second of the route that looks at the role only, and their 99th percentile."""
    result = read_profile.load(stage, PATH, stage.seconds).result().without_failures()
    return {"token_read": result.per_second, "token_read_p99": result.p99_ms}
