"""What answers to a challenge are refused for."""

from gatewright.errors import GatewrightError


class InvalidMfaToken(GatewrightError):
    """The challenge was answered, has expired, or was ended by a change of the account or by five wrong answers.

    One error for all of them on purpose: a guesser learns nothing from it.
    """

    code = "invalid_mfa_token"
    status = 401
    title = "This sign-in cannot be completed any more. Sign in again."
