"""What do readers notice while 16 logins run all the time?"""

from __future__ import annotations

import time

from benchmarks import log_in, read_profile
from benchmarks.figures import Measured
from benchmarks.stage import Stage

_HEAD_START = 1.0


def measure(stage: Stage, *, undisturbed: float, hash_limit: float) -> Measured:
    """Reads and logins per second side by side.

    Args:
        undisturbed: Reads per second without logins.
        hash_limit: Logins per second that would take the whole core.
    """
    logins = log_in.load(stage, stage.seconds + 2 * _HEAD_START)
    time.sleep(_HEAD_START)
    reads = read_profile.load(stage, read_profile.PATH, stage.seconds).result().without_failures()
    flood = logins.result()
    left = max(0.0, 1 - flood.per_second / hash_limit)
    return {
        "flood_reads": reads.per_second,
        "flood_read_p99": reads.p99_ms,
        "flood_logins": flood.per_second,
        "flood_refused": flood.refused / flood.seconds,
        "flood_share": reads.per_second / (undisturbed * left) if left else 0.0,
    }
