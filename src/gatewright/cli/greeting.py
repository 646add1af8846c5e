"""What `gatewright serve` and `gatewright dev` print when they have started."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from gatewright import __version__
from gatewright.core.mail.inbox import Inbox, inbox_address

if TYPE_CHECKING:
    from gatewright.app import Gatewright

# The answer to the login is shown, and its token kept for the next call.
_CALLS = r"""Try it:

  curl -X POST {url}/auth/register -H "Content-Type: application/json" \
    -d '{{"email":"user@example.com","password":"securepassword","firstName":"John","lastName":"Doe"}}'

  TOKEN=$(curl -sS -X POST {url}/auth/login -H "Content-Type: application/json" \
    -d '{{"email":"user@example.com","password":"securepassword"}}' \
    | tee /dev/stderr | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')

  curl {url}/users/profile -H "Authorization: Bearer $TOKEN"
"""


def greeting(auth: Gatewright, url: str, *, workers: int) -> str:
    """What to open and what to try; more of it in development.

    Args:
        auth: What is served.
        url: Where it is found on this machine.
        workers: How many processes serve it.
    """
    processes = "" if workers == 1 else f" with {workers} workers"
    lines = [f"Gatewright {__version__} serves {url}{processes}. Stop it with Ctrl-C."]
    if auth.prepared.docs:
        lines.append(f"API documentation: {url}/docs")
    if auth.settings.in_development:
        if isinstance(auth.mail_sender, Inbox) and auth.features.has("inbox"):
            inbox = inbox_address(auth.settings.folder, url + auth.settings.api_prefix)
            lines.append(f"Mail inbox: {inbox}")
        lines += ["", _CALLS.format(url=url + auth.settings.api_prefix)]
    return "\n".join(lines)


def network_warning(auth: Gatewright, host: str) -> str:
    """The warning about a server in development that others can reach; empty for any other.

    Args:
        auth: What is served.
        host: The address that it listens on.
    """
    if not auth.settings.in_development or ip_address(host).is_loopback:
        return ""
    return (
        "Other machines can reach this server, which runs in development mode: over plain http, with open "
        "documentation. Leave --host out, or set GATEWRIGHT_ENVIRONMENT=production."
    )
