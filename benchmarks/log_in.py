"""How close do logins come to what the password hash allows?"""

from __future__ import annotations

from benchmarks import calls, hash_limit, wrk
from benchmarks.figures import Measured
from benchmarks.stage import Stage, credentials

CONNECTIONS = 16


def load(stage: Stage, seconds: float) -> wrk.Wrk:
    """Sign in as every user in turn."""
    requests = [calls.request("POST", "/auth/login", body=credentials(email)) for email in stage.emails]
    return wrk.repeat(requests, port=stage.server.port, connections=CONNECTIONS, seconds=seconds)


def measure(stage: Stage) -> Measured:
    """Logins per second, beside the hash limit of the same minute."""
    limit = hash_limit.measure(stage)
    result = load(stage, stage.seconds).result().without_failures()
    share = result.per_second / limit["hash_limit"]
    return {**limit, "login": result.per_second, "login_share": share, "login_p99": result.p99_ms}
