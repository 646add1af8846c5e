"""`HandOver`: how the tokens of a finished login reach the client."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from gatewright.core.context import Context
from gatewright.features.login.schemas import AuthResponse, CookieAuthResponse
from gatewright.features.login.service import Login
from gatewright.features.login.settings import LoginSettings
from gatewright.features.sessions import service as sessions
from gatewright.http.cookies import UseCookies, cookies_of, wants_cookies
from gatewright.http.dependencies import RequestContext


class _HandOver:
    """Hands the tokens of a finished login over: in the body, or in cookies when the query has `useCookies=true`."""

    def __init__(self, context: Context, request: Request, response: Response, *, into_cookies: bool) -> None:
        self._context = context
        self._scope = request.scope
        self._response = response
        self._into_cookies = into_cookies

    async def __call__(self, login: Login) -> AuthResponse | CookieAuthResponse:
        """The body to answer with; the cookies are set beside it."""
        answer = AuthResponse.of_login(login)
        if not self._into_cookies:
            return answer
        cookies, device_ttl = cookies_of(self._scope), self._context.settings.section(LoginSettings).device_ttl
        device = cookies.of_device(login.device_token, int(device_ttl.total_seconds()))
        for cookie in (*cookies.of_session(login.tokens), device):
            self._response.headers.append("Set-Cookie", cookie)
        await self._end_replaced_session()
        return CookieAuthResponse(user=answer.user, expires_in=answer.expires_in)

    def device_token(self, given: str | None) -> str | None:
        """The credential of the device that somebody signs in from: the body's, else the cookie's."""
        cookies = cookies_of(self._scope)
        return cookies.read(self._scope, cookies.device) if given is None else given

    async def _end_replaced_session(self) -> None:
        # The browser forgets its tokens, so nobody but a thief could go on with it (ASVS 5.0, 7.2.4).
        cookies = cookies_of(self._scope)
        replaced = cookies.read(self._scope, cookies.refresh)
        if replaced is not None:
            await sessions.log_out(self._context, replaced)


async def _hand_over(
    context: RequestContext, request: Request, response: Response, use_cookies: UseCookies = False
) -> _HandOver:
    return _HandOver(context, request, response, into_cookies=wants_cookies(request.scope, use_cookies))


HandOver = Annotated[_HandOver, Depends(_hand_over)]
"""What a route that finishes a login answers through: `return await hand_over(done)`."""
