"""What tests of an app with Gatewright need: a clock that is moved by hand, signed-in clients, and checks.

`pip install gatewright[testing]` makes pytest find the fixtures by itself; see `gatewright.testing.plugin`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gatewright.testing.clock import FakeClock

if TYPE_CHECKING:
    from gatewright.testing.clients import AsUser, SignedInClient
    from gatewright.testing.contract import BrokenContract, check_resource

__all__ = ["AsUser", "BrokenContract", "FakeClock", "SignedInClient", "check_resource"]

_LATE = {"AsUser": "clients", "SignedInClient": "clients", "BrokenContract": "contract", "check_resource": "contract"}


def __getattr__(name: str) -> Any:
    # Late, since pytest loads this package in every run, also where nothing of Gatewright is tested.
    if name not in _LATE:
        raise AttributeError(f"module 'gatewright.testing' has no attribute {name!r}")
    return getattr(import_module(f"gatewright.testing.{_LATE[name]}"), name)
