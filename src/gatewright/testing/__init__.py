"""What tests of an app with Gatewright need: a clock that is moved by hand, and clients that are signed in.

`pip install gatewright[testing]` makes pytest find the fixtures by itself; see `gatewright.testing.plugin`.
"""

from gatewright.testing.clock import FakeClock

__all__ = ["FakeClock"]
