# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""Tests of every table's resource. Tests of yours belong in tests/."""
