"""How close do logins come to what the password hash allows?"""

from __future__ import annotations

from benchmarks import calls, wrk
from benchmarks.figures import Measured
from benchmarks.stage import Stage, credentials

CONNECTIONS = 16


def load(stage: Stage, seconds: float) -> wrk.Wrk:
    """Sign in as every user in turn."""
    requests = [calls.request("POST", "/auth/login", body=credentials(email)) for email in stage.emails]
    return wrk.repeat(requests, port=stage.server.port, connections=CONNECTIONS, seconds=seconds)


def measure(stage: Stage, *, hash_limit: float) -> Measured:
    """Logins per second.

    Args:
        hash_limit: Logins per second that would take the whole core.
    """
    result = load(stage, stage.seconds).result().without_failures()
    share = result.per_second / hash_limit
    return {"login": result.per_second, "login_share": share, "login_p99": result.p99_ms}
