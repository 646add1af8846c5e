"""`HandOver`: how the outcome of a sign-in reaches the client."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gatewright.core.context import Context
from gatewright.features.login.schemas import AuthResponse, CookieAuthResponse, CookieMfaChallenge, MfaChallenge
from gatewright.features.login.second_factors import Challenge
from gatewright.features.login.service import Login, Renewal
from gatewright.features.login.settings import LoginSettings
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.schemas import CookieTokens, FreshAccessToken
from gatewright.http.cookies import UseCookies, cookies_of, wants_cookies
from gatewright.http.dependencies import RequestContext

Answered = AuthResponse | CookieAuthResponse | FreshAccessToken | CookieTokens | JSONResponse
"""What a route returns that answers through `HandOver`."""

CHALLENGED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": MfaChallenge | CookieMfaChallenge,
        "description": "The account has a second factor: answer by `POST /auth/mfa/verify`.",
    }
}
"""The entry of a challenge in an OpenAPI operation's `responses`."""


class _HandOver:
    """Turns the outcome of a sign-in into an answer: in the body, or in cookies where the query has `useCookies=true`.

    Attributes:
        in_cookies: Whether the client gets its tokens in cookies.
    """

    def __init__(self, context: Context, request: Request, response: Response, *, in_cookies: bool) -> None:
        self.in_cookies = in_cookies
        self._context = context
        self._scope = request.scope
        self._response = response
        self._cookies = cookies_of(request.scope)

    async def __call__(self, done: Login | Renewal | Challenge) -> Answered:
        """The answer to return from the route."""
        if isinstance(done, Challenge):
            return self._challenge(done)
        self._forget_challenge()
        if isinstance(done, Renewal):
            return self._renewal(done)
        return await self._login(done)

    def stay_in_cookies(self, came_in_cookie: bool) -> None:
        """Answer in cookies if the client has sent its credential in one: page scripts could not read it."""
        self.in_cookies |= came_in_cookie

    def device_token(self, given: str | None) -> str | None:
        """The credential of the client's device: the body's, else the cookie's."""
        return self._cookies.read(self._scope, self._cookies.device) if given is None else given

    async def _login(self, login: Login) -> AuthResponse | CookieAuthResponse:
        answer = AuthResponse.of_login(login)
        if not self.in_cookies:
            return answer
        device_ttl = self._context.settings.section(LoginSettings).device_ttl
        device = self._cookies.of_device(login.device_token, int(device_ttl.total_seconds()))
        self._set(*self._cookies.of_session(login.tokens), device)
        await self._end_replaced_session()
        return CookieAuthResponse(user=answer.user, expires_in=answer.expires_in)

    def _renewal(self, renewal: Renewal) -> FreshAccessToken | CookieTokens:
        if not self.in_cookies:
            return FreshAccessToken(access_token=renewal.access_token, expires_in=renewal.expires_in)
        self._set(self._cookies.of_access(renewal.access_token, renewal.expires_in))
        return CookieTokens(expires_in=renewal.expires_in)

    def _challenge(self, challenge: Challenge) -> JSONResponse:
        known = {"methods": challenge.methods, "expires_in": challenge.expires_in}
        if not self.in_cookies:
            return _accepted(MfaChallenge(mfa_token=challenge.token, **known))
        answer = _accepted(CookieMfaChallenge(**known))
        answer.headers.append("Set-Cookie", self._cookies.of_challenge(challenge.token, challenge.expires_in))
        return answer

    def _set(self, *cookies: str) -> None:
        for cookie in cookies:
            self._response.headers.append("Set-Cookie", cookie)

    def _forget_challenge(self) -> None:
        if self._cookies.read(self._scope, self._cookies.challenge) is not None:
            self._set(self._cookies.of_challenge("", 0))

    async def _end_replaced_session(self) -> None:
        # The browser forgets its tokens, so that only a thief could go on with it (ASVS 5.0, 7.2.4).
        replaced = self._cookies.read(self._scope, self._cookies.refresh)
        if replaced is not None:
            await sessions.log_out(self._context, replaced)


def _accepted(challenge: CookieMfaChallenge) -> JSONResponse:
    return JSONResponse(challenge.model_dump(mode="json", by_alias=True), status_code=202)


async def _hand_over(
    context: RequestContext, request: Request, response: Response, use_cookies: UseCookies = False
) -> _HandOver:
    return _HandOver(context, request, response, in_cookies=wants_cookies(request.scope, use_cookies))


HandOver = Annotated[_HandOver, Depends(_hand_over)]
"""What a route answers through that ends a sign-in: `return await hand_over(done)`."""
