"""How many passwords can this core hash, when it does nothing else? No login can be faster."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.figures import Measured
from benchmarks.stage import Stage

_PROGRAM = """
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
import argon2
from gatewright.core.passwords.hasher import Argon2Parameters
cost = Argon2Parameters()
hasher = argon2.PasswordHasher(cost.iterations, cost.memory_kib, cost.parallelism)
stored = hasher.hash("a password")
count, began = 0, time.perf_counter()
while time.perf_counter() - began < 2:
    hasher.verify(stored, "a password")
    count += 1
print(count / (time.perf_counter() - began))
"""


def measure(stage: Stage) -> Measured:
    """Verifications per second, with Gatewright's parameters, one after the other."""
    command = [sys.executable, "-c", _PROGRAM, str(stage.cores.server)]
    return {"hash_limit": float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)}
