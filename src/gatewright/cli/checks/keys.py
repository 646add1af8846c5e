"""The signing keys, and the secrets that they and all else are sealed under."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gatewright.app import given_key_ring
from gatewright.cli.checks.installation import Installation
from gatewright.cli.findings import Finding, fail, ok
from gatewright.clock import SystemClock
from gatewright.core.keys.key_store import StoredKey, open_key, ring_of, rows_of, stored_keys
from gatewright.core.keys.ring import KeyRing
from gatewright.core.reencryption import first_secret_since, old_secrets
from gatewright.errors import SetupError

_TRIAL = b"a text that no token begins with"


async def check(at: Installation) -> list[Finding]:
    """Whether every key opens, and the one that signs does so; which that is, and which comes next."""
    try:
        given = given_key_ring(at.settings)
        return [_of_given(given) if given else await _of_stored(at)]
    except SetupError as error:
        return [fail("keys", error)]


def _of_given(ring: KeyRing) -> Finding:
    return ok("keys", f"{ring.signing.kid} signs; it comes from GATEWRIGHT_SIGNING__KEYS")


async def _of_stored(at: Installation) -> Finding:
    vault, algorithm, now = at.vault, at.settings.signing_algorithm, SystemClock().now()
    sealed = await stored_keys(at.db, vault)
    rows = [row for row in await at.db.read(rows_of) if row.algorithm == algorithm]
    ring = ring_of(rows, {row.kid: open_key(row, vault) for row in rows}, now)
    if ring is None:
        return ok("keys", f"no key yet; the first start creates one for {algorithm}")
    signing = ring.signing
    if not signing.verify(_TRIAL, signing.sign(_TRIAL)):
        return fail("keys", f"{signing.kid} cannot verify its own signature. Run: gatewright keys rotate --now")
    secret = "under the first secret" if all(sealed.values()) else "some under an older secret: keep that secret"
    return ok("keys", f"{signing.kid} signs{_next(rows, now)}; {len(sealed)} key(s) sealed, {secret}")


def _next(rows: Sequence[StoredKey], now: datetime) -> str:
    """The rotation that is under way."""
    coming = [row for row in rows if not row.is_active(now) and not row.is_retired(now)]
    return f"; {coming[0].kid} signs from {coming[0].activates_at:%Y-%m-%d %H:%M:%S} UTC on" if coming else ""


async def check_old_secrets(at: Installation) -> list[Finding]:
    """When each secret but the first may leave `SECRET`."""
    vault, sealed = at.vault, at.settings.feature_set.sealed
    old, since = await at.db.read(lambda tx: (old_secrets(tx, vault, sealed), first_secret_since(tx, vault)))
    # A refresh token is made under the secret that was the first when its session was used last.
    needed_until = None if since is None else since + at.settings.refresh_token_ttl
    findings = []
    for each in old:
        if each.sealed or needed_until is None:
            state = (
                f"{each.sealed} value(s) are sealed under it, so keep it; a running server re-encrypts them in minutes"
            )
        elif needed_until > SystemClock().now():
            state = f"nothing is sealed under it; sessions may need it until {needed_until:%Y-%m-%d %H:%M} UTC"
        else:
            state = "nothing is sealed under it, and no session needs it; remove it, unless it will become the first"
        findings.append(ok("sealed", f"secret {each.number}: {state}"))
    return findings
