"""How much memory does the server hold after all that was asked of it?"""

from __future__ import annotations

from benchmarks.figures import Measured
from benchmarks.stage import Stage


def measure(stage: Stage) -> Measured:
    """Resident memory in MiB."""
    return {"memory": stage.server.memory_mib}
