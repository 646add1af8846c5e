"""What follows from a proof, whichever way to sign in has made it.

Every way to sign in ends here, and nothing else starts a session: what a login asks for beyond the first proof is asked
for in this one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gatewright.core.context import Context
from gatewright.features.login.proof import Proof
from gatewright.features.sessions import service as sessions
from gatewright.features.sessions.service import Tokens
from gatewright.features.users.account import Account


@dataclass(frozen=True, slots=True)
class Login:
    """A finished login: the account, and the tokens of its new session.

    Attributes:
        device_token: The credential that the client sends with its next login (`core.tokens.device_tokens`).
    """

    account: Account
    tokens: Tokens
    device_token: str = field(repr=False)


async def complete(context: Context, proof: Proof) -> Login:
    """Start the session that *proof* gives a right to.

    Raises:
        SessionRefused: The account was disabled, or its password changed, after the proof.
    """
    started = await sessions.start(
        context,
        user_id=proof.account.id,
        role=proof.account.role,
        amr=proof.amr,
        proven_hash=proof.password_hash,
    )
    if proof.device is None and started.is_elsewhere and not proof.is_new_account:
        await sessions.report_new_device(context, proof.account.id)
    device_token = context.device_tokens.issue(
        proof.email_key, context.clock.now(), proof.device, epoch=started.device_epoch
    )
    return Login(proof.account, started.tokens, device_token)
