"""Passwords: checking the one of an account, and accepting new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatewright.addresses import address_key
from gatewright.core.context import Context
from gatewright.core.passwords.password_policy import policy_problems
from gatewright.core.tokens.device_tokens import Device, looks_like_one
from gatewright.errors import FieldProblem, ValidationFailed
from gatewright.features.login import attempts
from gatewright.features.login.attempts import Attempt
from gatewright.features.login.proof import Proof
from gatewright.features.password.errors import AccountDisabled, InvalidCredentials
from gatewright.features.users import queries as users
from gatewright.features.users.errors import EmailNotVerified
from gatewright.features.users.queries import SignInRow


async def check_password(context: Context, email: str, password: str, *, device_token: str | None = None) -> Proof:
    """Find the account of an address and check its password.

    An address without an account costs one statement and one hash as well (`PasswordHasher.verify`).

    Args:
        device_token: What the client sent as such; whatever does not count is ignored.

    Raises:
        InvalidCredentials: There is no such account, or the password is another.
        AccountDisabled: The password was right.
        EmailNotVerified: The password was right, and the settings ask for a proved address.
        RateLimited: It was tried too often.
        Overloaded: More hashes wait than can be computed in time.
    """
    key = address_key(email)
    if looks_like_one(device_token):
        # What a credential is bound to is read with the account, so that the account is looked up first. An address
        # without one costs the same.
        row = await _find(context, key)
        device = _device(context, key, device_token, row)
        async with attempts.begin(context, key, device) as attempt:
            return replace(await _prove(context, attempt, key, row, password), device=device)
    async with attempts.begin(context, key) as attempt:
        return await _prove(context, attempt, key, await _find(context, key), password)


async def _find(context: Context, email_key: str) -> SignInRow | None:
    return await context.db.fetch(users.FIND_BY_EMAIL_KEY, email_key=email_key)


def _device(context: Context, email_key: str, device_token: str, row: SignInRow | None) -> Device | None:
    epoch = None if row is None else row.device_epoch
    return context.device_tokens.read(device_token, email_key, context.clock.now(), epoch=epoch)


async def _prove(
    context: Context, attempt: Attempt, email_key: str, row: SignInRow | None, password: str, *, again: bool = False
) -> Proof:
    stored: str | None = None if row is None else row.password
    verified = await context.passwords.verify(password, stored, refuse=not again)
    if row is None or stored is None or not verified.right:
        await context.audit.record("login.failed", None if row is None else row.account.id, outcome="failure")
        raise InvalidCredentials
    attempt.succeed()
    if row.disabled_at is not None:
        await context.audit.record("login.refused", row.account.id, outcome="failure")
        raise AccountDisabled
    if context.settings.require_verified_email and not row.account.is_email_verified:
        await context.audit.record("login.refused", row.account.id, outcome="failure")
        raise EmailNotVerified
    if verified.upgraded is not None:
        if not await _store_upgraded(context, row.account.id, old=stored, new=verified.upgraded):
            # Another login has upgraded the hash, or the password was changed: the row shows which.
            return await _prove(context, attempt, email_key, await _find(context, email_key), password, again=True)
        stored = verified.upgraded
    return Proof(row.account, email_key, ("pwd",), password_hash=stored)


async def accept_password(
    context: Context,
    password: str,
    *,
    identity: tuple[str, ...],
    field: str = "/password",
    beside: Sequence[FieldProblem] = (),
) -> None:
    """Let a new password pass that the policy accepts and, where the settings ask for it, no leak is known to hold.

    Args:
        identity: The address and the names of its owner.
        field: JSON pointer of the field that it came in.
        beside: Problems of other fields of the same body, which are reported with those of the password.

    Raises:
        ValidationFailed: The password is not accepted, or there are problems beside it.
    """
    problems = policy_problems(context, password, identity=identity, field=field)
    if not problems and context.pwned_passwords is not None and await context.pwned_passwords.contains(password):
        problems = [FieldProblem(field, "password_too_common", "This password is known from a leak.")]
    if beside or problems:
        raise ValidationFailed(errors=[*beside, *problems])


async def _store_upgraded(context: Context, user_id: str, *, old: str, new: str) -> bool:
    """Store a hash of today's parameters, unless *old* is not what is stored any more."""
    now = context.clock.now()
    if not await context.db.write(lambda tx: users.replace_hash(tx, user_id, old=old, new=new, at=now)):
        return False
    await context.audit.record("password.rehashed", user_id)
    return True
