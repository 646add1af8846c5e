"""What a request is refused for before any feature sees it."""

from __future__ import annotations

from gatewright.errors import GatewrightError


class MalformedJson(GatewrightError):
    """The body is not JSON in UTF-8."""

    code = "malformed_json"
    status = 400
    title = "The body is not valid JSON in UTF-8."


class MalformedRequest(GatewrightError):
    """What came is not HTTP/1.1 (RFC 9112); the connection is closed."""

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
    """The user's role does not allow the call."""

    code = "insufficient_role"
    status = 403
    title = "Your role does not allow this."


class CrossSiteRequest(GatewrightError):
    """A page of another site asks, and the settings do not list it."""

    code = "cross_site_request"
    status = 403
    title = "Pages of this origin may not make this call."


class ReauthenticationRequired(GatewrightError):
    """The call needs a proof of who one is that is fresher than the session's."""

    code = "reauthentication_required"
    status = 403
    title = "Show again who you are, then try again."


class MethodNotAllowed(GatewrightError):
    """The path is known, the method is not."""

    code = "method_not_allowed"
    status = 405
    title = "This address does not take that method."


class PayloadTooLarge(GatewrightError):
    """The body is larger than the call takes."""

    code = "payload_too_large"
    status = 413
    title = "The body is too large."


class UnsupportedMediaType(GatewrightError):
    """The body's Content-Type is not the one that the call takes."""

    code = "unsupported_media_type"
    status = 415
    title = "The body is of a type that this call does not take."


class InternalError(GatewrightError):
    """A fault of ours. The log tells more, under the same request id."""

    code = "internal_error"
    status = 500
    title = "Something went wrong on the server."
