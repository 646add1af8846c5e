"""`/auth/mfa/verify`: answering the challenge of a login. It exists where a feature brings a second factor."""

from __future__ import annotations

from starlette.requests import Request

from gatewright.core.limits.policy import RateLimited
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.core.tokens.mailed_codes import InvalidCode
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.features.login import service
from gatewright.features.login.dependencies import Answered, HandOver
from gatewright.features.login.errors import InvalidMfaToken
from gatewright.features.login.schemas import AuthResponse, CookieAuthResponse, SecondFactorAnswer
from gatewright.features.sessions.schemas import CookieTokens, FreshAccessToken
from gatewright.http.cookies import cookies_of
from gatewright.http.dependencies import RequestContext
from gatewright.http.routing import Router

router = Router(tags=["signing in"])


@router.post(
    "/auth/mfa/verify",
    response_model=AuthResponse | CookieAuthResponse | FreshAccessToken | CookieTokens,
    raises=[InvalidMfaToken, InvalidCode, InvalidToken, RateLimited],
)
async def verify_second_factor(
    context: RequestContext, request: Request, hand_over: HandOver, body: SecondFactorAnswer
) -> Answered:
    """Complete a sign-in, or a reauthentication, with a second factor.

    Without `mfaToken` in the body its cookie counts, and the tokens go into cookies.
    """
    cookies = cookies_of(request.scope)
    token, from_cookie = body.mfa_token, body.mfa_token is None
    if token is None:
        token = cookies.read(request.scope, cookies.challenge)
    if token is None:
        raise ValidationFailed(errors=[FieldProblem("/mfaToken", "required", "Send it in the body or as a cookie.")])
    hand_over.stay_in_cookies(from_cookie)
    return await hand_over(await service.answer(context, token, body.method, body.answer, from_cookie=from_cookie))
