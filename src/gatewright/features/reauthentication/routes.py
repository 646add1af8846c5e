"""`/auth/reauthenticate`: a fresh proof for the current session."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from gatewright.core.limits.policy import RateLimited
from gatewright.core.tokens.mailed_codes import InvalidCode
from gatewright.errors import Overloaded
from gatewright.features.login import service as login
from gatewright.features.login.dependencies import Answered, HandOver
from gatewright.features.login.schemas import CookieMfaChallenge, MfaChallenge
from gatewright.features.password.errors import InvalidCredentials
from gatewright.features.reauthentication import service
from gatewright.features.reauthentication.schemas import Reauthentication
from gatewright.features.sessions.schemas import CookieTokens, FreshAccessToken
from gatewright.http.dependencies import CurrentUser, RequestContext, bearer_token
from gatewright.http.routing import Router
from gatewright.http.schemas import Message

router = Router(tags=["sessions"])


@router.post(
    "/auth/reauthenticate",
    response_model=FreshAccessToken | CookieTokens,
    responses={
        202: {
            "model": Message | MfaChallenge | CookieMfaChallenge,
            "description": "A code is on its way; send it to the same address. Or the account has a second factor: "
            "answer by `POST /auth/mfa/verify`.",
        }
    },
    raises=[InvalidCredentials, InvalidCode, RateLimited, Overloaded],
)
async def reauthenticate(
    context: RequestContext,
    request: Request,
    hand_over: HandOver,
    user: CurrentUser,
    body: Reauthentication,
) -> Answered:
    """Confirm the identity of the signed-in user, so that sensitive calls are allowed for some minutes.

    For an account without a password, send an empty object to get a code by mail, then send the code.
    """
    hand_over.stay_in_cookies(bearer_token(request.scope) is None)
    if body.password is not None:
        proof = await service.by_password(context, user, body.password)
    elif body.code is not None:
        proof = await service.by_code(context, user, body.code)
    else:
        await service.send_code(context, user)
        return JSONResponse({"message": "A mail with a code is on its way."}, status_code=202)
    done = await login.complete_again(context, proof, user.session_id, in_cookies=hand_over.in_cookies)
    return await hand_over(done)
