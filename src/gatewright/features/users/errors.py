"""What accounts are refused for."""

from gatewright.errors import GatewrightError


class EmailTaken(GatewrightError):
    """The address has an account already."""

    code = "email_taken"
    status = 409
    title = "User with this email already exists"


class EmailNotVerified(GatewrightError):
    """The account's address is not proved yet, and the call, or the settings for every login, ask for it.

    A login says so only after a right password.
    """

    code = "email_not_verified"
    status = 403
    title = "Confirm your e-mail address first, with the link in the mail."
