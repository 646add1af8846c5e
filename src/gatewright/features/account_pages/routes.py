"""`/auth/pages/…`: what mailed links lead to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gatewright.core.context import Context
from gatewright.core.mail.links import PAGES
from gatewright.errors import FieldProblem, GatewrightError, NotFound, ValidationFailed
from gatewright.features.email_verification import service as addresses
from gatewright.features.invitations import service as invitations
from gatewright.features.password import registering, replacing
from gatewright.features.password.schemas import Registration
from gatewright.http.dependencies import RequestContext
from gatewright.http.pages import form_of, page
from gatewright.http.problems import validation_error
from gatewright.http.routing import Router

_FOLDER = Path(__file__).parent / "templates"

router = Router(tags=["pages"])


@dataclass(frozen=True)
class _Asked:
    """A page that asks for one click, since whatever opens links by itself must not redeem their tokens."""

    title: str
    text: str
    button: str
    done: str
    redeem: Callable[[Context, str], Awaitable[None]]


_PAGES = {
    "verify-email": _Asked(
        "Confirm your address",
        "One click confirms that this address is yours.",
        "Confirm the address",
        "Your address is confirmed.",
        addresses.verify,
    ),
    "not-me": _Asked(
        "This was not you?",
        "If you did not make this account, take it away from whoever did: their password and sessions end.",
        "It was not me",
        "Whoever made this account cannot use it any more.",
        addresses.disown,
    ),
    "change-email": _Asked(
        "Confirm your new address",
        "One click makes this the address of your account.",
        "Confirm the new address",
        "Your address is changed.",
        addresses.confirm_change,
    ),
}


@router.get(f"{PAGES}/reset-password", include_in_schema=False)
async def show_reset(context: RequestContext, token: str = "") -> HTMLResponse:
    """The form for a new password."""
    return _reset_form(context, token)


@router.post(f"{PAGES}/reset-password", include_in_schema=False)
async def send_reset(context: RequestContext, request: Request) -> HTMLResponse:
    """Set the password."""
    form = await form_of(request)
    token = form.get("token", "")
    try:
        await replacing.reset(context, token, form.get("password", ""))
    except ValidationFailed as refused:
        return _reset_form(context, token, errors=[problem.message for problem in refused.errors])
    except GatewrightError as refused:
        return _refusal(context, refused)
    return _done(context, "Your password is set", "Sign in with it. Every session that was open has ended.")


@router.get(f"{PAGES}/invitation", include_in_schema=False)
async def show_invitation(context: RequestContext, token: str = "") -> HTMLResponse:
    """The form for an account."""
    return _invitation_form(context, {"token": token})


@router.post(f"{PAGES}/invitation", include_in_schema=False)
async def accept_invitation(context: RequestContext, request: Request) -> HTMLResponse:
    """Make the account."""
    form = await form_of(request)
    try:
        await _register_invited(context, form)
    except ValidationFailed as refused:
        return _invitation_form(context, form, errors=[_about(problem) for problem in refused.errors])
    except GatewrightError as refused:
        return _refusal(context, refused)
    return _done(context, "Your account is made", "Sign in with your address and the password.")


@router.get(f"{PAGES}/{{name}}", include_in_schema=False)
async def show(context: RequestContext, name: str, token: str = "") -> HTMLResponse:
    """Ask for the click."""
    return page(_FOLDER, "ask.html.jinja", asked=_page(name), token=token, app_name=context.app_name)


@router.post(f"{PAGES}/{{name}}", include_in_schema=False)
async def redeem(context: RequestContext, request: Request, name: str) -> HTMLResponse:
    """Do what the token is for."""
    asked = _page(name)
    form = await form_of(request)
    try:
        await asked.redeem(context, form.get("token", ""))
    except GatewrightError as refused:
        return _refusal(context, refused)
    return _done(context, asked.done, "You can close this page.")


def _page(name: str) -> _Asked:
    if name not in _PAGES:
        raise NotFound
    return _PAGES[name]


def _reset_form(context: Context, token: str, *, errors: list[str] | None = None) -> HTMLResponse:
    return page(
        _FOLDER,
        "reset-password.html.jinja",
        status=422 if errors else 200,
        token=token,
        errors=errors or [],
        min_length=context.settings.password_min_length,
        app_name=context.app_name,
    )


def _invitation_form(context: Context, form: Mapping[str, str], *, errors: Sequence[str] = ()) -> HTMLResponse:
    return page(
        _FOLDER,
        "invitation.html.jinja",
        status=422 if errors else 200,
        token=form.get("token", ""),
        first_name=form.get("firstName", ""),
        last_name=form.get("lastName", ""),
        errors=errors,
        min_length=context.settings.password_min_length,
        app_name=context.app_name,
    )


async def _register_invited(context: Context, form: Mapping[str, str]) -> None:
    token = form.get("token", "")
    invitation = await invitations.find(context, token)
    given = {name: form.get(name, "") for name in ("password", "firstName", "lastName")}
    try:
        asked = Registration.model_validate({**given, "email": invitation.email.typed, "inviteToken": token})
    except ValidationError as error:
        raise validation_error(error.errors(include_url=False)) from None
    await registering.register(
        context,
        email=invitation.email,
        password=asked.password,
        first_name=asked.first_name,
        last_name=asked.last_name,
        invite_token=token,
    )


def _about(problem: FieldProblem) -> str:
    named = {"/firstName": "First name", "/lastName": "Last name", "/password": "Password"}
    return f"{named.get(problem.field, problem.field.strip('/'))}: {problem.message}"


def _done(context: Context, title: str, text: str) -> HTMLResponse:
    return page(_FOLDER, "done.html.jinja", title=title, text=text, app_name=context.app_name)


def _refusal(context: Context, refused: GatewrightError) -> HTMLResponse:
    return page(
        _FOLDER,
        "done.html.jinja",
        status=refused.status,
        title="That did not work",
        text=refused.detail,
        app_name=context.app_name,
    )
