"""`/auth/register`, `/auth/login`, and `/auth/token` for OAuth 2 clients."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gatewright.addresses import parse_address
from gatewright.core.limits.policy import RateLimited
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.design.document import Design
from gatewright.errors import Conflict, Overloaded
from gatewright.features.login import service as login
from gatewright.features.login.dependencies import CHALLENGED, Answered, HandOver
from gatewright.features.login.schemas import AuthResponse, CookieAuthResponse
from gatewright.features.password import registering, replacing, service, token_form
from gatewright.features.password.errors import (
    AccountDisabled,
    InvalidCredentials,
    RegistrationClosed,
)
from gatewright.features.password.schemas import (
    Change,
    Credentials,
    FirstPassword,
    Registration,
    Reset,
    TokenAnswer,
    TokenError,
)
from gatewright.features.users.creating import NewAccount
from gatewright.features.users.errors import EmailNotVerified, EmailTaken
from gatewright.features.users.names import with_names
from gatewright.features.users.own_columns import given_inputs, with_inputs
from gatewright.http.dependencies import CurrentUser, RecentUser, RequestContext
from gatewright.http.errors import ReauthenticationRequired
from gatewright.http.routing import Router, takes
from gatewright.http.schemas import EmailBody, Message

_router = Router(tags=[])
_MAIL_FIRST = "With `REQUIRE_VERIFIED_EMAIL`: a mail is on its way, the same for a new and for a taken address."


@lru_cache(maxsize=8)
def make_router(design: Design) -> Router:
    """The routes, with the columns that *design* adds to `User`."""
    made = Router(tags=["signing in"])

    @made.post(
        "/auth/register",
        status_code=201,
        response_model=AuthResponse | CookieAuthResponse | Message,
        responses={202: {"model": Message, "description": _MAIL_FIRST}},
        raises=[InvalidOrExpiredToken, EmailTaken, Conflict, RegistrationClosed, RateLimited, Overloaded],
    )
    @takes(with_inputs(with_names(Registration, design), design))
    async def register(
        context: RequestContext, hand_over: HandOver, response: Response, body: Registration
    ) -> Answered | Message:
        """Create an account and sign in."""
        new = NewAccount(parse_address(body.email), body.first_name, body.last_name, own=given_inputs(body, design))
        proof = await registering.register(context, new, password=body.password, invite_token=body.invite_token)
        if proof is None:
            response.status_code = 202
            return Message(message="A mail is on its way: follow its link, then sign in.")
        return await hand_over(await login.complete(context, proof, in_cookies=hand_over.in_cookies))

    made.include_router(_router)
    return made


@_router.post(
    "/auth/login",
    response_model=AuthResponse | CookieAuthResponse,
    responses=CHALLENGED,
    raises=[InvalidCredentials, AccountDisabled, EmailNotVerified, RateLimited, Overloaded],
)
async def log_in(context: RequestContext, hand_over: HandOver, body: Credentials) -> Answered:
    """Sign in with an e-mail address and password."""
    device_token = hand_over.device_token(body.device_token)
    proof = await service.check_password(context, body.email, body.password, device_token=device_token)
    return await hand_over(await login.complete(context, proof, in_cookies=hand_over.in_cookies))


_TOKEN_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError, "description": "Refused, in the shape of RFC 6749 section 5.2."}
}


@_router.post(
    "/auth/token",
    response_model=TokenAnswer,
    responses=_TOKEN_ERRORS,
    openapi_extra={"requestBody": token_form.REQUEST_BODY},
    raises=[RateLimited, Overloaded],
)
async def exchange(context: RequestContext, request: Request) -> JSONResponse:
    """Sign in or refresh as an OAuth 2 client (RFC 6749 sections 4.3 and 6), for first-party clients."""
    try:
        tokens = await token_form.grant(context, await token_form.read(request))
    except token_form.Refused as refusal:
        return JSONResponse(refusal.answer, status_code=400, headers={"Cache-Control": "no-store"})
    answer = TokenAnswer(
        access_token=tokens.access_token, expires_in=tokens.expires_in, refresh_token=tokens.refresh_token
    )
    return JSONResponse(answer.model_dump(), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


@_router.post("/auth/password/forgot", status_code=202, raises=[RateLimited])
async def forgot_password(context: RequestContext, body: EmailBody) -> Message:
    """Request a mail with a link to set a new password. The response is the same for every address."""
    await replacing.ask_for_reset(context, body.email)
    return Message(message="If this address has an account, a mail is on its way.")


@_router.post("/auth/password/reset", raises=[InvalidOrExpiredToken, Overloaded])
async def reset_password(context: RequestContext, body: Reset) -> Message:
    """Set a new password with the token from the mail. Ends all sessions of the account."""
    await replacing.reset(context, body.token, body.password)
    return Message(message="Your password is set. Sign in with it.")


@_router.post("/auth/password/change", raises=[InvalidCredentials, RateLimited, Overloaded])
async def change_password(context: RequestContext, user: CurrentUser, body: Change) -> Message:
    """Change the password. Ends all other sessions of the account."""
    await replacing.change(context, user, current=body.current_password, new=body.new_password)
    return Message(message="Your password is changed.")


@_router.post("/auth/password/set", raises=[Conflict, ReauthenticationRequired, Overloaded])
async def set_password(context: RequestContext, user: RecentUser, body: FirstPassword) -> Message:
    """Set the first password of an account that has none."""
    await replacing.set_first(context, user, body.new_password)
    return Message(message="Your password is set.")
