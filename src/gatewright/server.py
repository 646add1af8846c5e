"""The stand-alone server: `gatewright serve`, or `uvicorn --factory gatewright.server:create`."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from gatewright.app import Gatewright
from gatewright.http.dependencies import require_role
from gatewright.http.errors import InsufficientRole
from gatewright.http.routing import Router
from gatewright.http.schemas import Message
from gatewright.roles import ADMIN

_router = Router(tags=["account"])


@_router.get(
    "/users/admin",
    operation_id="read_admin_data",
    dependencies=[Depends(require_role(ADMIN))],
    raises=[InsufficientRole],
)
async def read_admin_data() -> Message:
    """Something that only administrators may see."""
    return Message(message="This is admin-only data")


def create(auth: Gatewright | None = None) -> FastAPI:
    """The app of the stand-alone server.

    Args:
        auth: Made from the settings when left out.

    Raises:
        SetupError: The settings are not valid, or not safe.
    """
    auth = auth or Gatewright()
    app = auth.create_app()
    app.include_router(_router, prefix=auth.settings.api_prefix)
    return app
