"""`POST /auth/introspect`."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import Security
from fastapi.openapi.models import HTTPBase
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection, Request

from gatewright.core.limits.policy import RateLimited
from gatewright.core.tokens.access_tokens import CLIENT_ID
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.features.introspection import service
from gatewright.features.introspection.errors import UnknownClient
from gatewright.features.introspection.schemas import ActiveToken, InactiveToken
from gatewright.http.dependencies import RequestContext
from gatewright.http.errors import UnsupportedMediaType
from gatewright.http.forms import FORM, read_form
from gatewright.http.routing import Router

router = Router(tags=["keys"])

_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "required": ["token"],
                "properties": {"token": {"type": "string"}, "token_type_hint": {"type": "string"}},
            }
        }
    },
}


class _ClientCredentials(SecurityBase):
    """The name and the secret of HTTP Basic (RFC 7617); None without them."""

    def __init__(self) -> None:
        self.model = HTTPBase(scheme="basic", description="A client of `[clients.NAME]` in the settings.")
        self.scheme_name = "gatewrightClient"

    async def __call__(self, connection: HTTPConnection) -> tuple[str, str] | None:
        given = connection.headers.getlist("authorization")
        kind, _, encoded = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        if kind.lower() != "basic":
            return None
        try:
            name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except ValueError:
            return None
        return (name, secret) if colon else None


@router.post(
    "/auth/introspect",
    openapi_extra={"requestBody": _REQUEST_BODY},
    raises=[UnknownClient, RateLimited, UnsupportedMediaType, ValidationFailed],
)
async def introspect(
    context: RequestContext,
    request: Request,
    credentials: Annotated[tuple[str, str] | None, Security(_ClientCredentials())],
) -> ActiveToken | InactiveToken:
    """Check whether an access token is valid now (RFC 7662). It reads the database, so revocation counts at once.

    For services, with credentials of their own. A token that does not count is `{"active": false}`, whatever is wrong
    with it; so is a refresh token, which is for this server only.
    """
    await service.check_client(context, credentials)
    token = (await read_form(request)).get("token")
    if not token:
        raise ValidationFailed(errors=[FieldProblem("/token", "required", "This field is required.")])
    found = await service.introspect(context, token)
    if found is None:
        return InactiveToken()
    claims, granted = found.claims, context.settings.roles.get(found.role)
    return ActiveToken(
        iss=context.access_tokens.issuer,
        aud=context.access_tokens.audience,
        sub=claims.user_id,
        client_id=CLIENT_ID,
        sid=claims.session_id,
        jti=claims.token_id,
        iat=claims.issued_at,
        exp=claims.expires_at,
        auth_time=claims.auth_time,
        amr=list(claims.amr),
        role=found.role,
        permissions=sorted(granted.permissions) if granted else [],
    )
