"""Gatewright: accounts, sign-in, tokens and guarded routes for Python back ends.

Names are imported when they are first used, so that the command line starts without a web framework.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatewright.app import Gatewright as Gatewright
    from gatewright.core.mail.transport import MailRefused as MailRefused
    from gatewright.core.mail.transport import MailSender as MailSender
    from gatewright.core.principal import Principal as Principal
    from gatewright.core.tokens.access_tokens import InvalidToken as InvalidToken
    from gatewright.core.tokens.verifier import VerifiedUser as VerifiedUser
    from gatewright.core.tokens.verifier import Verifier as Verifier
    from gatewright.errors import Conflict as Conflict
    from gatewright.errors import GatewrightError as GatewrightError
    from gatewright.errors import SetupError as SetupError
    from gatewright.errors import Unavailable as Unavailable
    from gatewright.features.users.account import Account as Account
    from gatewright.features.users.dependencies import CurrentAccount as CurrentAccount
    from gatewright.features.users.dependencies import require_verified as require_verified
    from gatewright.http.dependencies import CurrentUser as CurrentUser
    from gatewright.http.dependencies import OptionalUser as OptionalUser
    from gatewright.http.dependencies import require_permission as require_permission
    from gatewright.http.dependencies import require_recent as require_recent
    from gatewright.http.dependencies import require_role as require_role
    from gatewright.http.feature import Feature as Feature
    from gatewright.http.middleware import GatewrightMiddleware as GatewrightMiddleware
    from gatewright.selection import Settings as Settings

__version__ = "0.1.0"

_HOMES = {
    "Account": "gatewright.features.users.account",
    "Conflict": "gatewright.errors",
    "CurrentAccount": "gatewright.features.users.dependencies",
    "CurrentUser": "gatewright.http.dependencies",
    "Feature": "gatewright.http.feature",
    "Gatewright": "gatewright.app",
    "GatewrightError": "gatewright.errors",
    "GatewrightMiddleware": "gatewright.http.middleware",
    "InvalidToken": "gatewright.core.tokens.access_tokens",
    "MailRefused": "gatewright.core.mail.transport",
    "MailSender": "gatewright.core.mail.transport",
    "OptionalUser": "gatewright.http.dependencies",
    "Principal": "gatewright.core.principal",
    "Settings": "gatewright.selection",
    "SetupError": "gatewright.errors",
    "Unavailable": "gatewright.errors",
    "VerifiedUser": "gatewright.core.tokens.verifier",
    "Verifier": "gatewright.core.tokens.verifier",
    "require_recent": "gatewright.http.dependencies",
    "require_permission": "gatewright.http.dependencies",
    "require_role": "gatewright.http.dependencies",
    "require_verified": "gatewright.features.users.dependencies",
}

__all__ = [
    "Account",
    "Conflict",
    "CurrentAccount",
    "CurrentUser",
    "Feature",
    "Gatewright",
    "GatewrightError",
    "GatewrightMiddleware",
    "InvalidToken",
    "MailRefused",
    "MailSender",
    "OptionalUser",
    "Principal",
    "Settings",
    "SetupError",
    "Unavailable",
    "VerifiedUser",
    "Verifier",
    "__version__",
    "require_permission",
    "require_recent",
    "require_role",
    "require_verified",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gatewright' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
