"""Who may ask, and what they learn."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import unquote_plus

from gatewright.core.context import Context
from gatewright.core.principal import verified
from gatewright.core.tokens.access_tokens import InvalidToken
from gatewright.core.tokens.reading import AccessClaims
from gatewright.features.introspection.errors import UnknownClient

_WRONG_CREDENTIALS_PER_MINUTE = 30


@dataclass(frozen=True, slots=True)
class LiveToken:
    """An access token that counts now.

    Attributes:
        claims: What it says.
        role: The user's present role.
    """

    claims: AccessClaims
    role: str


async def check_client(context: Context, credentials: tuple[str, str] | None) -> None:
    """Let in a client of the settings. Only what is refused is counted, so that no client waits for another's guesses.

    Raises:
        UnknownClient: The name or the secret is wrong, or there are no credentials.
        RateLimited: There were too many such calls from this address.
    """
    name, secret = credentials or ("", "")
    client = context.settings.clients.get(name)
    expected = "" if client is None else client.secret.get_secret_value()
    # Without a client of that name too, so that it takes the same time.
    is_right = _is_secret(secret, expected)
    if client is None or not is_right:
        await context.limits.check("introspect", per_minute=_WRONG_CREDENTIALS_PER_MINUTE)
        raise UnknownClient


async def introspect(context: Context, token: str) -> LiveToken | None:
    """The claims and role of *token*, by the database as it is now; None when it does not count.

    Raises:
        Unavailable: The database does not answer.
    """
    try:
        claims = await verified(context, token, strict=True)
    except InvalidToken:
        return None
    standing = await context.revocations.standing(claims.session_id, claims.user_id, strict=True)
    return LiveToken(claims, standing.role or claims.role) if standing.is_live else None


def _is_secret(given: str, expected: str) -> bool:
    """Whether it is the secret: as it is, or percent-encoded, as RFC 6749 section 2.3.1 asks and few clients do."""
    kept = _digest(expected)
    # Both, whichever is right: `|` does not stop at the first.
    return hmac.compare_digest(_digest(given), kept) | hmac.compare_digest(_digest(unquote_plus(given)), kept)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
