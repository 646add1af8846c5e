"""What an introspection is refused for."""

from __future__ import annotations

from gatewright.errors import GatewrightError


class UnknownClient(GatewrightError):
    """The call comes without the credentials of a client of the settings, or with wrong ones.

    One error for both on purpose: the answer does not reveal whether there is a client of that name.
    """

    code = "invalid_credentials"
    status = 401
    title = "This call needs the credentials of a client: HTTP Basic, with the name and secret of [clients.NAME]."

    def __init__(self) -> None:
        # RFC 7662 section 2.3 and RFC 6749 section 5.2; the charset is that of RFC 7617 section 2.1.
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="introspection", charset="UTF-8"'})
