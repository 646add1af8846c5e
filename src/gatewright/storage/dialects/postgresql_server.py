"""How connections to a PostgreSQL server are opened, from what its URL says."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg

from gatewright.errors import SetupError
from gatewright.settings.postgresql_urls import PostgresqlUrl, read_postgresql_url
from gatewright.storage.dialects.postgresql_poolers import TransactionConnection

_CONNECT_SECONDS = 5.0
_POOL_SIZES = frozenset({"connection_limit", "pool", "pool_size", "pool_max_conns", "max_overflow"})
_SERVER_SETTINGS = {"default_transaction_isolation": "read committed"}
"""What the statements were written for: a conditional update sees what has been committed before it, and goes on."""
_REFUSES_SETTINGS = "unsupported startup parameter"
"""As PgBouncer says it (08P01). The level then goes with the beginning of each transaction."""
_log = logging.getLogger("gatewright.database")


@dataclass(slots=True)
class PostgresqlServer:
    """Where connections go, and what is in between.

    Attributes:
        setting: The setting that named it.
        url: What it says.
        pgbouncer: Whether a pooler in transaction mode is in between: each transaction may run on another connection
            of the server, so nothing may be kept on one, such as a prepared statement.
        takes_settings: Whether settings can be given when a connection is opened; poolers refuse it.
    """

    setting: str
    url: PostgresqlUrl
    pgbouncer: bool
    takes_settings: bool = True

    async def connect(self, *, command_seconds: float | None) -> asyncpg.Connection[asyncpg.Record]:
        """Open a connection.

        Args:
            command_seconds: How long a statement may take.

        Raises:
            SetupError: A file of the URL's certificates cannot be read.
            OSError: The server does not answer.
            asyncpg.PostgresError: It refuses the connection.
        """
        self._check_files()
        options: dict[str, Any] = {
            "timeout": self.url.connect_seconds or _CONNECT_SECONDS,
            "command_timeout": command_seconds,
        }
        if self.url.checks_with_system:
            options["ssl"] = self._tls_context()
        if self.pgbouncer:
            options["statement_cache_size"] = 0
        elif self.takes_settings:
            try:
                return await asyncpg.connect(self.url.for_driver, server_settings=_SERVER_SETTINGS, **options)
            except asyncpg.ProtocolViolationError as error:
                if _REFUSES_SETTINGS not in str(error):
                    raise
                self.takes_settings = False
        return await asyncpg.connect(self.url.for_driver, connection_class=TransactionConnection, **options)

    def log_left_out(self) -> None:
        """Say in one line which parameters of the URL have no effect."""
        names = self.url.left_out
        if not names:
            return
        advice = ""
        if "channel_binding" in names and not self.url.checks_with_system:
            advice = " To verify the server, use sslmode=verify-full and sslrootcert=system (or FILE)."
        elif _POOL_SIZES & set(names):
            advice = " GATEWRIGHT_DATABASE__POOL_SIZE sets the number of connections."
        _log.warning("%s: ignored %s, which the driver does not support.%s", self.setting, ", ".join(names), advice)

    def _check_files(self) -> None:
        for name, path in self.url.files:
            if not os.access(path, os.R_OK):
                raise SetupError(f"{self.setting}: {name} names a file that does not exist or cannot be read.")

    def _tls_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        with suppress(NotImplementedError):
            context.set_alpn_protocols(["postgresql"])
        if self.url.client_certificate is not None:
            certificate, key, password = self.url.client_certificate
            try:
                # An empty password instead of a question on the terminal.
                context.load_cert_chain(certificate, key, lambda: password or "")
            except (OSError, ValueError) as error:
                raise SetupError(f"{self.setting}: sslcert and sslkey cannot be used: {error}.") from None
        return context


def server_of(url: str, *, setting: str, pgbouncer: bool = False) -> PostgresqlServer:
    """The server that *url* names.

    Args:
        setting: The setting that has the URL, for messages.
        pgbouncer: Whether a pooler in transaction mode is in between, where the URL does not say.

    Raises:
        SetupError: The URL cannot be read, or goes beyond what a pooler takes.
    """
    try:
        read = read_postgresql_url(url)
    except ValueError as error:
        # Outside of it, the URL with its password does not hang on our error.
        sentence = str(error)
    else:
        through_pooler = pgbouncer if read.pgbouncer is None else read.pgbouncer
        if through_pooler and read.has_options:
            raise SetupError(f"{setting}: a pooler refuses options. Set them on the role: ALTER ROLE name SET ….")
        return PostgresqlServer(setting, read, through_pooler)
    raise SetupError(f"{setting}: {sentence}.")


def engine_arguments(
    connect: Callable[[], Awaitable[asyncpg.Connection[asyncpg.Record]]], *, pgbouncer: bool
) -> dict[str, Any]:
    """What `create_async_engine` is given, so that it opens connections with *connect*."""
    isolation = {"isolation_level": "READ COMMITTED"}
    if not pgbouncer:
        return {"async_creator": connect, **isolation}
    # Statements without a name, which are parsed each time: the driver keeps nothing that a transaction outlives.
    unnamed = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
    return {"connect_args": {"async_creator_fn": connect, **unnamed}, **isolation}
