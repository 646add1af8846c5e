"""Whether mails would leave. None is sent."""

from __future__ import annotations

from gatewright.app import Settings
from gatewright.cli.findings import Finding, to_mend
from gatewright.core.mail.transport import SmtpSender, sender_of
from gatewright.core.mail.trial import try_out
from gatewright.errors import SetupError

_STAYS = "stays on this machine"


async def check(settings: Settings) -> list[Finding]:
    """Connect, encrypt and sign in as a mail would.

    Nothing where production lacks the setting: that was found already.
    """
    if settings.mail_url is None:
        return [Finding("mail", True, _STAYS)] if settings.in_development else []
    url = settings.mail_url.get_secret_value()
    try:
        sender = sender_of(url, in_development=settings.in_development, folder=settings.folder)
        if isinstance(sender, SmtpSender):
            await try_out(sender)
            return [Finding("mail", True, f"{sender.host} port {sender.port} answers; no mail was sent")]
    except SetupError as error:
        return [to_mend("mail", error)]
    if settings.in_development:
        return [Finding("mail", True, _STAYS)]
    return [Finding("mail", False, "GATEWRIGHT_MAIL_URL names no mail server, so that mails reach nobody.")]
