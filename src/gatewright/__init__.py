"""Gatewright: accounts, sign-in, tokens and guarded routes for Python back ends.

Names are imported when they are first used, so that the command line starts without a web framework.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewright.app import Gatewright as Gatewright
    from gatewright.app import GatewrightMiddleware as GatewrightMiddleware
    from gatewright.app import Settings as Settings
    from gatewright.core.access_tokens import InvalidToken as InvalidToken
    from gatewright.core.principal import Principal as Principal
    from gatewright.errors import GatewrightError as GatewrightError
    from gatewright.errors import SetupError as SetupError
    from gatewright.errors import Unavailable as Unavailable
    from gatewright.features.users.account import Account as Account
    from gatewright.features.users.dependencies import CurrentAccount as CurrentAccount
    from gatewright.http.dependencies import CurrentUser as CurrentUser
    from gatewright.http.dependencies import OptionalUser as OptionalUser
    from gatewright.http.dependencies import require_role as require_role

__version__ = "0.1.0"

_HOMES = {
    "Account": "gatewright.features.users.account",
    "CurrentAccount": "gatewright.features.users.dependencies",
    "CurrentUser": "gatewright.http.dependencies",
    "Gatewright": "gatewright.app",
    "GatewrightError": "gatewright.errors",
    "GatewrightMiddleware": "gatewright.app",
    "InvalidToken": "gatewright.core.access_tokens",
    "OptionalUser": "gatewright.http.dependencies",
    "Principal": "gatewright.core.principal",
    "Settings": "gatewright.app",
    "SetupError": "gatewright.errors",
    "Unavailable": "gatewright.errors",
    "require_role": "gatewright.http.dependencies",
}

__all__ = [
    "Account",
    "CurrentAccount",
    "CurrentUser",
    "Gatewright",
    "GatewrightError",
    "GatewrightMiddleware",
    "InvalidToken",
    "OptionalUser",
    "Principal",
    "Settings",
    "SetupError",
    "Unavailable",
    "__version__",
    "require_role",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gatewright' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
