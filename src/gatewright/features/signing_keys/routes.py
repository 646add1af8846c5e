"""`/.well-known/jwks.json` (RFC 7517, RFC 8615)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from gatewright.core.keys.key_store import JWKS_MAX_AGE
from gatewright.http.dependencies import RequestContext
from gatewright.http.routing import Router

router = Router(tags=["keys"], at_root=True)


class JwkSet(BaseModel):
    """Public keys (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]


@router.get("/.well-known/jwks.json")
async def read_keys(context: RequestContext, response: Response) -> JwkSet:
    """Return the public keys that verify access tokens. The set is empty with HS256."""
    # A worker that could not read the keys lately may lack one that will sign before such a copy is too old.
    max_age = round(JWKS_MAX_AGE.total_seconds()) if context.revocations.is_fresh else 0
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    return JwkSet(keys=context.access_tokens.keyring.jwks()["keys"])
