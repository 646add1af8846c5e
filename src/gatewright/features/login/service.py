"""What follows once somebody has proved who they are, however they did.

Every way to sign in ends here, and nothing else starts a session: what a login has to ask for beyond the first proof
is asked for in this one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gatewright.addresses import address_key
from gatewright.core.context import Context
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.service import Tokens
from gatewright.features.users.account import Account


@dataclass(frozen=True, slots=True)
class Login:
    """A finished login: who signed in, and the tokens of the new session.

    Attributes:
        device_token: For the next login of this account from there (`core.tokens.device_tokens`).
    """

    account: Account
    tokens: Tokens
    device_token: str = field(repr=False)


async def complete(
    context: Context,
    account: Account,
    *,
    amr: Sequence[str],
    proven_hash: str | None = None,
    device_token: str | None = None,
    is_new_account: bool = False,
) -> Login:
    """Start the session of somebody who has proved who they are.

    Args:
        account: Whose proof it was.
        amr: How they proved it (RFC 8176).
        proven_hash: The stored hash that their password matched, when that was the proof.
        device_token: What the client sent as such; it is continued if it counts.
        is_new_account: Whether the account was made a moment ago, by the same call.

    Raises:
        SessionRefused: The account was disabled, or its password changed, in the meantime.
    """
    started = await sessions.start(context, user_id=account.id, role=account.role, amr=amr, proven_hash=proven_hash)
    key, now, epoch = address_key(account.email), context.clock.now(), started.device_epoch
    device = context.device_tokens.read(device_token, key, now, epoch=epoch)
    if device is None and started.is_elsewhere and not is_new_account:
        await sessions.report_new_device(context, account.id)
    return Login(account, started.tokens, context.device_tokens.issue(key, now, device, epoch=epoch))
