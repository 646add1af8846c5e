"""What registering and signing in with a password are refused for."""

from gatewright.errors import GatewrightError


class InvalidCredentials(GatewrightError):
    """The address has no account, or the password is wrong: the answer is the same for both."""

    code = "invalid_credentials"
    status = 401
    title = "Invalid credentials"


class AccountDisabled(GatewrightError):
    """The password was right, but an administrator has disabled the account."""

    code = "account_disabled"
    status = 403
    title = "This account is disabled."


class RegistrationClosed(GatewrightError):
    """The settings allow no registration, or only by invitation."""

    code = "registration_closed"
    status = 403
    title = "Registration is closed."
