# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""What every table does, and for whom. Tests of yours belong in tests/."""
