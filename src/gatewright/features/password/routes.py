"""`/auth/register`, `/auth/login`, and `/auth/token` for OAuth 2 clients."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from gatewright.core.addresses import parse_address
from gatewright.design.document import Design
from gatewright.errors import Conflict, Overloaded
from gatewright.features.login import service as login
from gatewright.features.login.schemas import AuthResponse
from gatewright.features.password import service, token_form
from gatewright.features.password.errors import (
    AccountDisabled,
    EmailTaken,
    InvalidCredentials,
    RegistrationClosed,
)
from gatewright.features.password.schemas import Credentials, Registration, TokenAnswer, TokenError
from gatewright.features.users.own_columns import given_inputs, with_inputs
from gatewright.http.dependencies import RequestContext
from gatewright.http.routing import Router, takes

_router = Router(tags=[])


def make_router(design: Design) -> Router:
    """The routes, with the columns that *design* adds to `User`."""
    made = Router(tags=["signing in"])

    @made.post("/auth/register", status_code=201, raises=[EmailTaken, Conflict, RegistrationClosed, Overloaded])
    @takes(with_inputs(Registration, design))
    async def register(context: RequestContext, body: Registration) -> AuthResponse:
        """Make an account, and sign in to it."""
        proof = await service.register(
            context,
            email=parse_address(body.email),
            password=body.password,
            first_name=body.first_name,
            last_name=body.last_name,
            own=given_inputs(body, design),
        )
        done = await login.complete(context, proof.account, amr=["pwd"], proven_hash=proof.hash)
        return AuthResponse.of_login(done)

    made.include_router(_router)
    return made


@_router.post("/auth/login", raises=[InvalidCredentials, AccountDisabled, Overloaded])
async def log_in(context: RequestContext, body: Credentials) -> AuthResponse:
    """Sign in with an address and its password."""
    proof = await service.check_password(context, body.email, body.password)
    done = await login.complete(context, proof.account, amr=["pwd"], proven_hash=proof.hash)
    return AuthResponse.of_login(done)


_TOKEN_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError, "description": "Refused, in the shape of RFC 6749 section 5.2."}
}


@_router.post(
    "/auth/token",
    response_model=TokenAnswer,
    responses=_TOKEN_ERRORS,
    openapi_extra={"requestBody": token_form.REQUEST_BODY},
    raises=[Overloaded],
)
async def exchange(context: RequestContext, request: Request) -> JSONResponse:
    """Sign in, or refresh, in the words of OAuth 2 (RFC 6749 sections 4.3 and 6), for first-party clients."""
    try:
        tokens = await token_form.grant(context, await token_form.read(request))
    except token_form.Refused as refusal:
        return JSONResponse(refusal.answer, status_code=400, headers={"Cache-Control": "no-store"})
    answer = TokenAnswer(
        access_token=tokens.access_token, expires_in=tokens.expires_in, refresh_token=tokens.refresh_token
    )
    return JSONResponse(answer.model_dump(), headers={"Cache-Control": "no-store", "Pragma": "no-cache"})
