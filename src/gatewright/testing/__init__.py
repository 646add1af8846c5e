"""What tests of an app with Gatewright need: a clock that is moved by hand, and clients that are signed in.

`pip install gatewright[testing]` makes pytest find the fixtures by itself; see `gatewright.testing.plugin`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatewright.testing.clock import FakeClock

if TYPE_CHECKING:
    from gatewright.testing.clients import AsUser, SignedInClient

__all__ = ["AsUser", "FakeClock", "SignedInClient"]


def __getattr__(name: str) -> Any:
    # Late, since pytest loads this package in every run, also where nothing of Gatewright is tested.
    if name not in ("AsUser", "SignedInClient"):
        raise AttributeError(f"module 'gatewright.testing' has no attribute {name!r}")
    from gatewright.testing import clients

    return getattr(clients, name)
