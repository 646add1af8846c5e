"""The user who makes a request, from the access token and the revocations: no statement is needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.core.tokens.reading import AccessClaims
from gatewright.roles import ADMIN, grants

if TYPE_CHECKING:
    from gatewright.core.context import Context, Kernel


@dataclass(frozen=True, slots=True)
class Principal:
    """The user behind a verified access token.

    Attributes:
        id: The user's identifier.
        role: The user's current role, which may differ from the token's.
        permissions: What the settings grant to that role (`[roles.NAME] permissions`).
        session_id: The session that the token belongs to.
        auth_time: When the user last proved who they are (UTC, whole seconds).
        amr: How they did (RFC 8176).
    """

    id: str
    role: str
    permissions: frozenset[str]
    session_id: str
    auth_time: datetime
    amr: tuple[str, ...]

    def has_permission(self, name: str) -> bool:
        """Whether the user has the permission *name*. ADMIN has every one; `posts:*` contains `posts:write`."""
        return self.role == ADMIN or grants(self.permissions, name)


async def authenticate(kernel: Kernel, token: str) -> Principal:
    """The user of *token*, if it counts now.

    Raises:
        InvalidToken: It is no access token of ours, has expired, or its session has ended.
        Unavailable: Revocation has to be looked up in the database, which does not answer.
    """
    claims = await verified(kernel, token, strict=not kernel.revocations.is_fresh)
    strict = kernel.settings.access_check == "strict"
    standing = await kernel.revocations.standing(claims.session_id, claims.user_id, strict=strict)
    if not standing.is_live:
        raise InvalidToken
    return _principal(kernel, claims, standing.role or claims.role)


async def verified(kernel: Kernel | Context, token: str, *, strict: bool) -> AccessClaims:
    """The claims of *token*, if a key of ours has signed it and it has not expired.

    A key that this worker does not know yet is looked up in the database, and when *strict* the keys are read in any
    case: one of them may have been withdrawn.

    Raises:
        InvalidToken: It does not count.
        Unavailable: The database was needed and does not answer.
    """
    tokens = kernel.access_tokens
    try:
        claims = tokens.verify(token)
    except InvalidToken:
        kid = tokens.unknown_key(token)
        if kid is None or kernel.keys is None or not await kernel.keys.look_up(kid):
            raise
        return tokens.verify(token)
    if strict and kernel.keys is not None:
        await kernel.keys.reload()
        claims = tokens.verify(token)
    return claims


def _principal(kernel: Kernel, claims: AccessClaims, role: str) -> Principal:
    granted = kernel.settings.roles.get(role)
    return Principal(
        id=claims.user_id,
        role=role,
        permissions=frozenset(granted.permissions) if granted else frozenset(),
        session_id=claims.session_id,
        auth_time=datetime.fromtimestamp(claims.auth_time, UTC),
        amr=claims.amr,
    )
