"""`/auth/pages/…`: the pages behind mailed links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gatewright.core.context import Context
from gatewright.core.mail.links import PAGES
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.design.document import Design
from gatewright.errors import FieldProblem, GatewrightError, NotFound, ValidationFailed
from gatewright.features.account_pages.links import clear_token, kept_token, move_token, sent_token
from gatewright.features.email_verification import service as addresses
from gatewright.features.invitations import service as invitations
from gatewright.features.password import registering, replacing
from gatewright.features.password.schemas import Registration
from gatewright.features.users.creating import NewAccount
from gatewright.features.users.names import with_names
from gatewright.http.dependencies import RequestContext
from gatewright.http.forms import read_form
from gatewright.http.pages import page
from gatewright.http.problems import validation_error
from gatewright.http.routing import Router

_FOLDER = Path(__file__).parent / "templates"
_LINK_IS_GONE = "Open the link in the mail again. This page needs cookies, and keeps the link for ten minutes."

router = Router(tags=["pages"])


def _with(feature: str) -> Any:
    """Refuse a page of a feature that is off."""

    def check(context: RequestContext) -> None:
        if not context.settings.has_feature(feature):
            raise NotFound

    return Depends(check)


@dataclass(frozen=True)
class _Asked:
    """A page that asks for one click, since programs that open links must not redeem their tokens."""

    title: str
    text: str
    button: str
    done: str
    redeem: Callable[[Context, str], Awaitable[None]]
    then: str = "You can close this page."


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
        "If you did not create this account, remove the access of the person who did. Their password and sessions end.",
        "It was not me",
        "The person who created this account can no longer use it.",
        addresses.disown,
    ),
    "change-email": _Asked(
        "Confirm your new address",
        "One click makes this the address of your account.",
        "Confirm the new address",
        "Your address is changed.",
        addresses.confirm_change,
    ),
    "undo-email-change": _Asked(
        "Undo the change?",
        "Your account gets its old address again. Every session ends, and you set a new password.",
        "Undo the change",
        "Your old address is back",
        addresses.undo_change,
        "We have sent it a mail with a link to set a new password.",
    ),
}


@router.get(f"{PAGES}/reset-password", include_in_schema=False, dependencies=[_with("password")])
async def show_reset(context: RequestContext, request: Request, token: str = "") -> Response:
    """The form for a new password."""
    return _opened(context, request, "reset-password", token, lambda kept: _reset_form(context, kept))


@router.post(f"{PAGES}/reset-password", include_in_schema=False, dependencies=[_with("password")])
async def send_reset(context: RequestContext, request: Request) -> HTMLResponse:
    """Set the password."""
    form = await read_form(request)
    try:
        token = sent_token(request, "reset-password", form.get("token"))
        await replacing.reset(context, token, form.get("password", ""))
    except ValidationFailed as refused:
        return _reset_form(context, token, errors=[problem.message for problem in refused.errors])
    except GatewrightError as refused:
        return _refusal(context, refused)
    done = _done(context, "Your password is set", "Sign in with it. Every session that was open has ended.")
    clear_token(request, done, "reset-password", token)
    return done


@router.get(f"{PAGES}/invitation", include_in_schema=False, dependencies=[_with("invitations")])
async def show_invitation(context: RequestContext, request: Request, token: str = "") -> Response:
    """The form for an account."""
    return _opened(context, request, "invitation", token, lambda kept: _invitation_form(context, {"token": kept}))


@router.post(f"{PAGES}/invitation", include_in_schema=False, dependencies=[_with("invitations")])
async def accept_invitation(context: RequestContext, request: Request) -> HTMLResponse:
    """Make the account."""
    form = await read_form(request)
    try:
        form["token"] = sent_token(request, "invitation", form.get("token"))
        await _register_invited(context, form)
    except ValidationFailed as refused:
        return _invitation_form(context, form, errors=[_about(problem) for problem in refused.errors])
    except GatewrightError as refused:
        return _refusal(context, refused)
    done = _done(context, "Your account is created", "Sign in with your address and the password.")
    clear_token(request, done, "invitation", form["token"])
    return done


@router.get(f"{PAGES}/{{name}}", include_in_schema=False)
async def show(context: RequestContext, request: Request, name: str, token: str = "") -> Response:
    """Ask for the click."""
    asked = _page(name)

    def ask(kept: str) -> HTMLResponse:
        return page(_FOLDER, "ask.html.jinja", asked=asked, token=kept, app_name=context.app_name)

    return _opened(context, request, name, token, ask)


@router.post(f"{PAGES}/{{name}}", include_in_schema=False)
async def redeem(context: RequestContext, request: Request, name: str) -> HTMLResponse:
    """Do what the token is for."""
    asked = _page(name)
    form = await read_form(request)
    try:
        token = sent_token(request, name, form.get("token"))
        await asked.redeem(context, token)
    except GatewrightError as refused:
        return _refusal(context, refused)
    done = _done(context, asked.done, asked.then)
    clear_token(request, done, name, token)
    return done


def _opened(context: Context, request: Request, name: str, token: str, show: Callable[[str], HTMLResponse]) -> Response:
    """The page behind a mailed link: with the token out of its address at first, and then with what *show* makes."""
    if token:
        try:
            return move_token(context, request, name, token)
        except InvalidOrExpiredToken as refused:
            return _refusal(context, refused)
    kept = kept_token(request, name)
    return show(kept) if kept else _done(context, "Open the link again", _LINK_IS_GONE)


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
    body = {**given, "email": invitation.email.typed, "inviteToken": token}
    try:
        asked = _registration(context.db.schema.design).model_validate(body)
    except ValidationError as error:
        found = validation_error(error.errors(include_url=False)).errors
        raise ValidationFailed(errors=[*found, *Registration.problems_beside(body, context)]) from None
    new = NewAccount(invitation.email, asked.first_name, asked.last_name)
    await registering.register(context, new, password=asked.password, invite_token=token)


@cache
def _registration(design: Design) -> type[Registration]:
    return with_names(Registration, design)


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
