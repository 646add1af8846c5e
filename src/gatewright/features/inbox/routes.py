"""`/auth/inbox`: in development, for a browser on this machine that has the key, and only with `MAIL_URL=inbox:`."""

from __future__ import annotations

import hmac
import re
from email.message import EmailMessage
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse

from gatewright.core.context import Context
from gatewright.core.mail.inbox import Inbox
from gatewright.errors import NotFound
from gatewright.http.dependencies import RequestContext
from gatewright.http.pages import page
from gatewright.http.routing import Router
from gatewright.settings.development import inbox_key
from gatewright.settings.hosts import is_loopback

_FOLDER = Path(__file__).parent / "templates"
_THIS_MACHINE = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
# What proxies add: behind one, anyone who connects from this machine may stand for the whole network.
_OF_PROXIES = ("forwarded", "x-forwarded", "via", "x-real-ip")

# A mail is foreign HTML: no scripts, no forms, nothing loaded, and an origin of its own.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; frame-ancestors 'self'"
)

router = Router(tags=["inbox"])


@router.get("/auth/inbox", include_in_schema=False)
async def list_mails(context: RequestContext, request: Request) -> HTMLResponse:
    """The mails, the newest first."""
    inbox = _inbox(context, request)
    mails = [(name, mail) for name in inbox.names() if (mail := inbox.read(name)) is not None]
    return page(_FOLDER, "inbox.html.jinja", mails=mails, key=_key(context), app_name=context.app_name)


@router.get("/auth/inbox/{name}", include_in_schema=False)
async def show_mail(context: RequestContext, request: Request, name: str) -> HTMLResponse:
    """One mail: its text, and its HTML in a frame."""
    mail = _mail(context, request, name)
    text = mail.get_body(("plain",))
    return page(
        _FOLDER,
        "mail.html.jinja",
        frames=True,
        mail=mail,
        name=name,
        key=_key(context),
        text=text.get_content() if text is not None else "",
        app_name=context.app_name,
    )


@router.get("/auth/inbox/{name}/html", include_in_schema=False)
async def show_html(context: RequestContext, request: Request, name: str) -> HTMLResponse:
    """The HTML of one mail, as a mail program would show it."""
    html = _mail(context, request, name).get_body(("html",))
    if html is None:
        raise NotFound
    headers = {"Content-Security-Policy": _MAIL_POLICY, "Cache-Control": "no-store"}
    # Links open in a window of their own: the pages behind them refuse to be framed.
    content = html.get_content().replace("<a ", '<a target="_blank" rel="noopener noreferrer" ')
    return HTMLResponse(content, headers=headers)


def _mail(context: Context, request: Request, name: str) -> EmailMessage:
    mail = _inbox(context, request).read(name)
    if mail is None:
        raise NotFound
    return mail


def _inbox(context: Context, request: Request) -> Inbox:
    """The inbox, if this request may see it: its mails hold links that sign in.

    The name in `Host` is checked too, so that no page of another site reads it through a name that it had pointed at
    this machine (DNS rebinding). The key is what a proxy on this machine that forwards nothing lacks.
    """
    settings = context.settings
    is_used = settings.mail_url is None or settings.mail_url.get_secret_value().startswith("inbox:")
    if not (settings.in_development and is_used and _is_from_this_machine(request)):
        raise NotFound
    if not hmac.compare_digest(request.query_params.get("key", "").encode(), _key(context).encode()):
        raise NotFound
    return Inbox(settings.folder)


def _is_from_this_machine(request: Request) -> bool:
    hosts = request.headers.getlist("host")
    if len(hosts) != 1 or not _THIS_MACHINE.fullmatch(hosts[0]):
        return False
    if any(name.startswith(_OF_PROXIES) for name in request.headers):
        return False
    return request.client is not None and is_loopback(request.client.host)


def _key(context: Context) -> str:
    return inbox_key(context.settings.folder)
