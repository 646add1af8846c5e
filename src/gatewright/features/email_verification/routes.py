"""`/auth/verify-email`, `/auth/not-me`, and `/auth/email/change` with what follows on it."""

from __future__ import annotations

from gatewright.addresses import parse_address
from gatewright.core.limits.policy import RateLimited
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.features.email_verification import service
from gatewright.features.email_verification.schemas import MailedToken, NewEmail
from gatewright.features.users.errors import EmailTaken
from gatewright.http.dependencies import RecentUser, RequestContext
from gatewright.http.errors import ReauthenticationRequired
from gatewright.http.routing import Router
from gatewright.http.schemas import EmailBody, Message

router = Router(tags=["addresses"])


@router.post("/auth/verify-email", raises=[InvalidOrExpiredToken])
async def verify_email(context: RequestContext, body: MailedToken) -> Message:
    """Verify an e-mail address with the token from the mail.

    A repeated call gets the same response for ten minutes.
    """
    await service.verify(context, body.token)
    return Message(message="Your address is confirmed.")


@router.post("/auth/verify-email/resend", status_code=202, raises=[RateLimited])
async def resend_verification(context: RequestContext, body: EmailBody) -> Message:
    """Send the verification mail again. The response is the same for every address."""
    await service.send_again(context, body.email)
    return Message(message="If this address has an unverified account, we have sent a mail.")


@router.post("/auth/not-me", raises=[InvalidOrExpiredToken])
async def disown_account(context: RequestContext, body: MailedToken) -> Message:
    """Report that another person registered with your address. Removes the password and ends all sessions."""
    await service.disown(context, body.token)
    return Message(message="The person who created this account can no longer use it.")


@router.post("/auth/email/change", status_code=202, raises=[ReauthenticationRequired, RateLimited])
async def change_email(context: RequestContext, user: RecentUser, body: NewEmail) -> Message:
    """Request a new e-mail address. It takes effect when the link mailed there is confirmed."""
    await service.ask_for_change(context, user, parse_address(body.new_email))
    return Message(message="If the address is free, we have sent a mail to it.")


@router.post("/auth/email/change/confirm", raises=[InvalidOrExpiredToken, EmailTaken])
async def confirm_email_change(context: RequestContext, body: MailedToken) -> Message:
    """Confirm a new e-mail address with the token from the mail.

    A repeated call gets the same response for ten minutes.
    """
    await service.confirm_change(context, body.token)
    return Message(message="Your address is changed.")


@router.post("/auth/email/change/undo", raises=[InvalidOrExpiredToken, EmailTaken])
async def undo_email_change(context: RequestContext, body: MailedToken) -> Message:
    """Undo a change of address with the token mailed to the old address, for seven days.

    Every session ends, and the account has no password until a new one is set by mail.
    """
    await service.undo_change(context, body.token)
    return Message(message="Your old address is restored. We have sent it a mail with a link to set a new password.")
