"""What a refresh is refused for."""

from gatewright.errors import GatewrightError


class InvalidRefreshToken(GatewrightError):
    """The refresh token is not ours, was used before, has expired, or its session has ended.

    One error for all of them on purpose: a thief learns nothing about the token.
    """

    code = "invalid_refresh_token"
    status = 401
    title = "Invalid refresh token"


class SessionRefused(GatewrightError):
    """The account was disabled or its password changed during the sign-in, so the proof no longer counts."""

    code = "invalid_credentials"
    status = 401
    title = "Invalid credentials"
