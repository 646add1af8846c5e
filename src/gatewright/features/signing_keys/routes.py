"""`/.well-known/jwks.json` (RFC 7517, RFC 8615)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from gatewright.http.dependencies import RequestContext
from gatewright.http.routing import Router

MAX_AGE_SECONDS = 300

router = Router(tags=["keys"], at_root=True)


class JwkSet(BaseModel):
    """Public keys (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]


@router.get("/.well-known/jwks.json")
async def read_keys(context: RequestContext, response: Response) -> JwkSet:
    """The public keys of the tokens that count. Empty under HS256, where only this server can verify."""
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    return JwkSet(keys=context.access_tokens.keyring.jwks()["keys"])
