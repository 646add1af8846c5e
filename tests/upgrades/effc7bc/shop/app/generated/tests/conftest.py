# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""The fixtures of `tests/conftest.py`."""

from __future__ import annotations

from tests.conftest import *
