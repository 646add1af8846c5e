"""Errors that a request meets before it reaches a feature."""

from __future__ import annotations

from gatewright.errors import GatewrightError


class MalformedJson(GatewrightError):
    """The body is not JSON in UTF-8."""

    code = "malformed_json"
    status = 400
    title = "The body is not valid JSON in UTF-8."


class MalformedRequest(GatewrightError):
    """The request is not HTTP/1.1 (RFC 9112); the connection is closed."""

    code = "malformed_request"
    status = 400
    title = "The request is not valid HTTP."


class HeadersTooLarge(GatewrightError):
    """The request line and its headers are longer than 64 KiB; the connection is closed (RFC 6585 section 5)."""

    code = "headers_too_large"
    status = 431
    title = "The headers of the request are too large."


class NotAuthenticated(GatewrightError):
    """The call needs an access token, and none was sent."""

    code = "not_authenticated"
    status = 401
    title = "This call needs an access token."

    def __init__(self) -> None:
        # Without an error attribute, since nothing was sent that could be wrong (RFC 6750 section 3.1).
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class InsufficientRole(GatewrightError):
    """The role of the user does not allow the call."""

    code = "insufficient_role"
    status = 403
    title = "Your role does not allow this."


class InsufficientPermission(InsufficientRole):
    """The user's role lacks a permission that the call needs."""

    code = "insufficient_permission"
    title = "Your role lacks the permission for this."


class CrossSiteRequest(GatewrightError):
    """The request comes from a page of another site, which the settings do not list."""

    code = "cross_site_request"
    status = 403
    title = "Pages of this origin must not make this call."


class ReauthenticationRequired(GatewrightError):
    """The call needs a recent authentication, and that of the session is too old."""

    code = "reauthentication_required"
    status = 403
    title = "Confirm your identity again, then retry."


class MethodNotAllowed(GatewrightError):
    """The path exists, but not with this method."""

    code = "method_not_allowed"
    status = 405
    title = "This path does not support the method."


class PayloadTooLarge(GatewrightError):
    """The body is larger than the limit of the call."""

    code = "payload_too_large"
    status = 413
    title = "The body is too large."


class UnsupportedMediaType(GatewrightError):
    """The call does not support the Content-Type of the body."""

    code = "unsupported_media_type"
    status = 415
    title = "This call does not support the Content-Type of the body."


class InternalError(GatewrightError):
    """The server failed. The log has the reason under the same request id."""

    code = "internal_error"
    status = 500
    title = "Unexpected error on the server."
