"""Running services and database work from a command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gatewright.app import Gatewright
    from gatewright.core.context import Context
    from gatewright.storage.database import Database

Result = TypeVar("Result")


def run_service(auth: Gatewright, work: Callable[[Context], Awaitable[Result]]) -> Result:
    """Run *work* with the kernel started, and give back what it returns.

    Raises:
        SetupError: The kernel cannot start, for instance because the database is not up to date.
        GatewrightError: *work* was refused.
    """
    from gatewright import __version__
    from gatewright.core.audit import Origin

    async def run() -> Result:
        async with auth.lifespan(None):
            return await work(auth.context(Origin(user_agent=f"gatewright {__version__} on the command line")))

    return asyncio.run(run())


def run_on_database(work: Callable[[Database], Awaitable[Result]], *, start: bool = True) -> Result:
    """Run *work* on the database alone, which needs no secret.

    Args:
        work: What to do with it.
        start: Whether the database is opened for it first; migrations open it themselves.

    Raises:
        SetupError: The settings cannot be read, or the database cannot be opened.
    """
    from gatewright.app import Settings, open_database_of

    async def run() -> Result:
        database = open_database_of(Settings())
        try:
            if start:
                await database.start()
            return await work(database)
        finally:
            await database.stop()

    return asyncio.run(run())
