"""`/auth/reauthenticate`: a fresh proof for the session at hand."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gatewright.core.limits.policy import RateLimited
from gatewright.core.tokens.mailed_codes import InvalidCode
from gatewright.errors import Overloaded
from gatewright.features.password.errors import InvalidCredentials
from gatewright.features.reauthentication import service
from gatewright.features.reauthentication.schemas import FreshAccessToken, Reauthentication
from gatewright.features.sessions.schemas import CookieTokens
from gatewright.http.cookies import UseCookies, cookies_of, wants_cookies
from gatewright.http.dependencies import CurrentUser, RequestContext, bearer_token
from gatewright.http.routing import Router
from gatewright.http.schemas import Message

router = Router(tags=["sessions"])


@router.post(
    "/auth/reauthenticate",
    response_model=FreshAccessToken | CookieTokens,
    responses={202: {"model": Message, "description": "A code is on its way; send it to the same address."}},
    raises=[InvalidCredentials, InvalidCode, RateLimited, Overloaded],
)
async def reauthenticate(
    context: RequestContext,
    request: Request,
    response: Response,
    user: CurrentUser,
    *,
    body: Reauthentication,
    use_cookies: UseCookies = False,
) -> FreshAccessToken | CookieTokens | JSONResponse:
    """Prove again who one is: the session counts as recent from now on.

    Accounts without a password send an empty object, are mailed a code, and send that.
    """
    # What a page's scripts cannot read stays that way.
    into_cookies = wants_cookies(request.scope, use_cookies) or bearer_token(request.scope) is None
    if body.password is not None:
        token = await service.by_password(context, user, body.password)
    elif body.code is not None:
        token = await service.by_code(context, user, body.code)
    else:
        await service.send_code(context, user)
        return JSONResponse({"message": "A mail with a code is on its way."}, status_code=202)
    seconds = int(context.settings.access_token_ttl.total_seconds())
    if not into_cookies:
        return FreshAccessToken(access_token=token, expires_in=seconds)
    response.headers.append("Set-Cookie", cookies_of(request.scope).of_access(token, seconds))
    return CookieTokens(expires_in=seconds)
