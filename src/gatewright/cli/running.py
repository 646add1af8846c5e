"""Running services and database work from a command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gatewright.app import Gatewright
    from gatewright.core.context import Context
    from gatewright.migrations.histories import History
    from gatewright.storage.database import Database

Result = TypeVar("Result")


def gatewright_with(*features: str) -> Gatewright:
    """A `Gatewright` for a command of *features*.

    Raises:
        SetupError: The settings are not valid, or not safe.
        WrongUse: One of the features is off.
    """
    from gatewright.app import Gatewright
    from gatewright.cli.console import WrongUse

    auth = Gatewright()
    for feature in features:
        if not auth.features.has(feature):
            raise WrongUse(f"The feature {feature} is switched off by [features] off, and this command with it.")
    return auth


def run_service(auth: Gatewright, work: Callable[[Context], Awaitable[Result]]) -> Result:
    """Run *work* with the kernel started, and give back what it returns.

    Raises:
        SetupError: The kernel cannot start, for instance because the database is not up to date.
        GatewrightError: *work* was refused.
    """
    from gatewright import __version__
    from gatewright.core.audit.log import Origin

    async def run() -> Result:
        with database_error_in_one_line(auth.database):
            async with auth.lifespan(None):
                return await work(auth.context(Origin(user_agent=f"gatewright {__version__} on the command line")))

    return asyncio.run(run())


def run_on_database(work: Callable[[Database, Sequence[History]], Awaitable[Result]], *, start: bool = True) -> Result:
    """Run *work* on the database alone, which needs no secret.

    Args:
        work: What to do with it and the histories that it has.
        start: Whether the database is opened for it first; migrations open it themselves.

    Raises:
        SetupError: The settings cannot be read, or the database cannot be opened.
    """
    from gatewright.selection import Settings, open_database_of

    async def run() -> Result:
        settings = Settings()
        database = open_database_of(settings)
        try:
            with database_error_in_one_line(database):
                if start:
                    await database.start()
                return await work(database, settings.feature_set.histories(settings.folder))
        finally:
            await database.stop()

    return asyncio.run(run())


@contextmanager
def database_error_in_one_line(database: Database) -> Iterator[None]:
    """Let a database that is unavailable be one sentence with its own words, and no line of the log beside it.

    Raises:
        SetupError: It is unavailable.
    """
    from gatewright.errors import SetupError, Unavailable

    # Without any handler, Python would print the log's warnings on standard error.
    logging.getLogger("gatewright.database").addHandler(logging.NullHandler())
    try:
        yield
    except Unavailable as error:
        if not database.availability.is_impaired:
            raise
        raise SetupError(f"The database is unavailable: {database.availability.reason}") from error
