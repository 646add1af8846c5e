"""`/auth/inbox`: only in development, only for a browser on this machine, and only with `MAIL_URL=inbox:`."""

from __future__ import annotations

from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse

from gatewright.core.context import Context
from gatewright.core.mail.inbox import Inbox
from gatewright.errors import NotFound
from gatewright.http.dependencies import RequestContext
from gatewright.http.pages import page
from gatewright.http.routing import Router

_FOLDER = Path(__file__).parent / "templates"
_NAMES_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

# A mail is somebody else's HTML: no scripts, no forms, nothing loaded, and an origin of its own.
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
    return page(_FOLDER, "inbox.html.jinja", mails=mails, app_name=context.app_name)


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
    this machine (DNS rebinding).
    """
    settings = context.settings
    is_used = settings.mail_url is None or settings.mail_url.get_secret_value().startswith("inbox:")
    if not (settings.in_development and is_used and request.url.hostname in _NAMES_OF_THIS_MACHINE):
        raise NotFound
    if request.client is None or not _is_loopback(request.client.host):
        raise NotFound
    return Inbox(settings.folder)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
