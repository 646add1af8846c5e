"""`/health/live` and `/health/ready`: what an orchestrator asks before it restarts a server or sends it requests."""

from __future__ import annotations

import asyncio
from typing import Literal

from sqlalchemy import select, true

from gatewright.errors import Unavailable
from gatewright.http.dependencies import RequestContext
from gatewright.http.feature import Tag
from gatewright.http.routing import Router
from gatewright.http.schemas import ResponseBody
from gatewright.storage.database import Database

# An orchestrator asks again soon, and has no use for an answer that takes longer than its patience.
_PATIENCE_SECONDS = 1.0


class Health(ResponseBody):
    """The server is healthy."""

    status: Literal["ok"] = "ok"


TAG = Tag("health", "Whether the server works.")
router = Router(tags=[TAG.name], at_root=True)


@router.get("/health/live", operation_id="live")
async def live() -> Health:
    """Check that the process answers. Restart a server that does not."""
    return Health()


@router.get("/health/ready", operation_id="ready", raises=[Unavailable])
async def ready(context: RequestContext) -> Health:
    """Check that the server can sign users in and write; 503 names what is not ready.

    It tries a write at most once in five seconds; in between, the last result counts.
    """
    if not context.revocations.is_fresh:
        await _ask(context.db)
        raise Unavailable("Not ready: the last poll for revocations is too old.")
    if not await context.readiness.can_write():
        raise Unavailable("Not ready: the database refuses writes. The log has the reason.")
    return Health()


async def _ask(db: Database) -> None:
    try:
        await asyncio.wait_for(db.read(lambda tx: tx.one(select(true()))), _PATIENCE_SECONDS)
    except (Unavailable, TimeoutError):
        raise Unavailable("Not ready: the database does not answer.") from None
