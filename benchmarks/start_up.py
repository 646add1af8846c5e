"""How long does the server take from its start to its first answer, on a database that is up to date?"""

from __future__ import annotations

from benchmarks import server
from benchmarks.figures import Measured
from benchmarks.stage import Stage


def measure(stage: Stage) -> Measured:
    """Seconds, for a second server beside the one under test, which is idle meanwhile."""
    another = server.gatewright(stage.database_url, stage.cores.server, stage.secret)
    another.stop()
    return {"start": another.started_in}
