"""Whether mails would leave. None is sent."""

from __future__ import annotations

from gatewright.addresses import bare_address
from gatewright.cli.findings import Finding, fail, ok
from gatewright.core.mail.transport import SmtpSender, sender_of
from gatewright.core.mail.trial import try_out
from gatewright.errors import SetupError
from gatewright.selection import Settings
from gatewright.settings.start import mail_from


async def check(settings: Settings) -> list[Finding]:
    """Connect, encrypt, sign in and name the sender as a mail would.

    Nothing where production lacks the setting, or has one that reaches nobody: that was found already.
    """
    stays = [ok("mail", "mails stay on this machine")] if settings.in_development else []
    if settings.mail_url is None:
        return stays
    url = settings.mail_url.get_secret_value()
    try:
        sender = sender_of(url, in_development=settings.in_development, folder=settings.folder)
        if isinstance(sender, SmtpSender):
            await try_out(sender, mail_from=bare_address(mail_from(settings)))
            return [ok("mail", f"{sender.host} port {sender.port} answers; no mail was sent")]
    except SetupError as error:
        return [fail("mail", error)]
    return stays
