"""The token of a mailed link, taken out of the address: kept in a cookie for ten minutes.

Addresses get into access logs, the history of a browser and `Referer`; cookies do not. So a page that is opened
with a token answers with a redirect to itself, and the token comes along as a cookie that no script can read.

Two links to one page may be open at a time, of two accounts for instance. The second does not take the first one's
cookie: its page gets a cookie of its own and a key to it in its address, made of a hash of the token. Whichever of the
two is reloaded shows its own link again.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gatewright.core.context import Context
from gatewright.core.mail.links import PAGES
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.http.cookies import Cookies, cookies_of

KEY = "link"
"""The query parameter that says which of several cookies a page goes by."""

_SECONDS = 600
_MOST_BESIDE = 3
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_KEY = re.compile(r"[0-9a-f]{12}")


def move_token(context: Context, request: Request, page: str, token: str) -> Response:
    """The answer to a page that is opened with a token in its address: the way to the same page without it.

    Raises:
        InvalidOrExpiredToken: The text cannot be a token, or cannot be in a cookie.
    """
    if not _TOKEN.fullmatch(token):
        raise InvalidOrExpiredToken
    cookies, name, key = cookies_of(request.scope), _name(request, page), ""
    values = []
    if cookies.read(request.scope, name) not in (None, token):
        key = _key_of(token)
        values += _clear_crowd(request, cookies, name)
    values.append(cookies.of_link(f"{name}_{key}" if key else name, token, _SECONDS))
    public = urlsplit(context.settings.public_url or "").path
    address = f"{public}{context.settings.api_prefix}{PAGES}/{page}"
    response = Response(status_code=303, headers={"Location": f"{address}?{KEY}={key}" if key else address})
    for value in values:
        response.headers.append("Set-Cookie", value)
    return response


def kept_token(request: Request, page: str) -> str:
    """The token that a page was opened with a moment ago; empty without one."""
    name, key = _name(request, page), request.query_params.get(KEY)
    if key is not None:
        name = f"{name}_{key}" if _KEY.fullmatch(key) else ""
    return cookies_of(request.scope).read(request.scope, name) or ""


def sent_token(request: Request, page: str, given: str | None) -> str:
    """The token that a page's form sends: in its field, else in the cookie.

    Raises:
        CrossSiteRequest: A browser sends the cookie by itself, for a page that may not make the call.
    """
    if given:
        return given
    token = kept_token(request, page)
    if token:
        cookies_of(request.scope).check_site(request.scope)
    return token


def clear_token(request: Request, response: Response, page: str, token: str) -> None:
    """Remove the cookie of a link that has done what it is for."""
    cookies, name = cookies_of(request.scope), _name(request, page)
    for each in (name, f"{name}_{_key_of(token)}"):
        if token and cookies.read(request.scope, each) == token:
            response.headers.append("Set-Cookie", cookies.of_link(each, "", 0))


def _clear_crowd(request: Request, cookies: Cookies, name: str) -> list[str]:
    """What removes the cookies of earlier links to a page when there are many: a page elsewhere may open any number."""
    beside = [each for each in cookies.names(request.scope) if each.startswith(f"{name}_")]
    return [cookies.of_link(each, "", 0) for each in beside] if len(beside) >= _MOST_BESIDE else []


def _name(request: Request, page: str) -> str:
    return f"{cookies_of(request.scope).link}_{page}"


def _key_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]
