"""The composition root: what is switched on, put together from settings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, overload

from fastapi import FastAPI
from starlette._utils import get_route_path
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewright.clock import Clock, SystemClock
from gatewright.core import revocation
from gatewright.core.access_tokens import AccessTokens
from gatewright.core.audit import Origin
from gatewright.core.context import Context, Kernel
from gatewright.core.housekeeping import Housekeeping
from gatewright.core.key_store import load_key_ring
from gatewright.core.passwords import Argon2Parameters, PasswordHasher
from gatewright.core.principal import Principal, authenticate
from gatewright.core.refresh_tokens import RefreshTokens
from gatewright.core.revocation import Revocations
from gatewright.core.vault import Vault
from gatewright.design.completion import complete
from gatewright.design.document import Design, Table
from gatewright.design.files import FILE_NAME, load_complete_design
from gatewright.design.reading import parse_table
from gatewright.errors import GatewrightError
from gatewright.features import admin, email_verification, login, password, sessions, signing_keys, users
from gatewright.features.login.settings import LoginSettings
from gatewright.features.password.settings import PasswordSettings
from gatewright.http.context import request_id_of
from gatewright.http.dependencies import authenticate_scope
from gatewright.http.edge import Edge, ScopeMiddleware
from gatewright.http.feature import Feature
from gatewright.http.host import prepare_host
from gatewright.http.own_app import OwnApp, OwnRoutes
from gatewright.http.problems import problem_response
from gatewright.http.service_app import make_service_app
from gatewright.migrations.histories import History, histories_of
from gatewright.migrations.status import check_current
from gatewright.settings import KernelSettings, prepare
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database
from gatewright.storage.schema import Schema

FEATURES: tuple[Feature, ...] = (
    users.FEATURE,
    sessions.FEATURE,
    email_verification.FEATURE,
    login.FEATURE,
    password.FEATURE,
    signing_keys.FEATURE,
    admin.FEATURE,
)
"""What is switched on."""

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


class Settings(KernelSettings):
    """Everything that can be set: the kernel's own settings, and a section for each feature that has some."""

    password: PasswordSettings = PasswordSettings()
    login: LoginSettings = LoginSettings()


class Gatewright:
    """Authentication for one app.

    Args:
        settings: Read from `gatewright.toml` and `GATEWRIGHT_*` when left out.
        clock: The system's when left out; tests pass one of their own.
        port: Where a server of our own listens; decides over the public URL in development.

    Attributes:
        clock: Read when it starts.
        design: The app's `db.design.json` with all that the engine needs; the built-in design where there is none.

    Raises:
        DesignError: Something is wrong with the design.
        SetupError: The settings are not valid, or not safe.
    """

    def __init__(
        self, settings: Settings | None = None, *, clock: Clock | None = None, port: int | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.prepared = prepare(self.settings, port=port)
        self.clock: Clock = clock or SystemClock()
        self._kernel: Kernel | None = None
        self._users_of_kernel = 0
        self._starting = asyncio.Lock()
        self.design = design_of(self.settings.folder)
        self.database = open_database_of(self.settings, self.design)
        routers = [router for feature in FEATURES if (router := feature.router_for(self.design)) is not None]
        self.own = OwnApp(routers, self.settings.api_prefix)

    @property
    def kernel(self) -> Kernel:
        """The running parts.

        Raises:
            RuntimeError: `lifespan` has not been entered.
        """
        if self._kernel is None:
            raise RuntimeError("Gatewright has not been started: pass lifespan=auth.lifespan to your app.")
        return self._kernel

    @property
    def is_https(self) -> bool:
        """Whether clients reach this server by https."""
        return self.prepared.public_url.startswith("https:")

    def context(self, origin: Origin | None = None) -> Context:
        """What services work with, outside a request."""
        return Context(self.kernel, origin or Origin())

    async def start(self) -> None:
        """Open the database, bring it up to date or check that it is, load the keys, and begin to poll.

        Raises:
            SetupError: Something of that cannot be done; the message says what to change.
        """
        async with self._starting:
            if self._kernel is None:
                await self._start()
            self._users_of_kernel += 1

    async def stop(self) -> None:
        """End what `start` began, once as often as it was called."""
        self._users_of_kernel -= 1
        if self._users_of_kernel == 0 and self._kernel is not None:
            kernel, self._kernel = self._kernel, None
            await self._housekeeping.stop()
            await kernel.revocations.stop()
            await asyncio.to_thread(kernel.passwords.close)
            await kernel.db.stop()

    @overload
    def lifespan(self, app: Any, /) -> AbstractAsyncContextManager[None]: ...

    @overload
    def lifespan(self, *, inner: Lifespan) -> Lifespan: ...

    def lifespan(self, app: Any = None, *, inner: Lifespan | None = None) -> Any:
        """The lifespan of an app with Gatewright: `FastAPI(lifespan=auth.lifespan)`.

        An app with a lifespan of its own passes it as *inner*: `FastAPI(lifespan=auth.lifespan(inner=mine))`.
        It begins after Gatewright has started, and ends before it stops.
        """
        if inner is None:
            return self._run(None, app)
        return lambda app: self._run(inner, app)

    def install(self, app: Starlette) -> None:
        """Add Gatewright's routes to *app*, and make `CurrentUser` and the like work in the app's own.

        Gatewright's own routes answer errors with problem documents and carry security headers; the app's own
        handlers stay as they are, and its routes get `X-Request-Id` and nothing else.
        """
        prepare_host(app, self)
        # Before the app's own: a route for /users/{id} there must not answer for /users/profile.
        app.router.routes.insert(0, OwnRoutes(self.own, Edge(self.own, self, https=self.is_https)))

    def create_app(self, *, lifespan: Lifespan | None = None, **options: Any) -> FastAPI:
        """An app that keeps to the HTTP contract in all its answers, those of your own routes too.

        Problem documents, security headers, the size limit and CORS for `CORS_ORIGINS` hold for every route; there are
        `/health/live`, `/health/ready` and, in development or where the settings ask for it, `/docs`.

        Args:
            lifespan: One of your own; it begins after Gatewright has started, and ends before it stops.
            options: FastAPI's, such as `title`.
        """
        return make_service_app(self, self.lifespan(inner=lifespan) if lifespan else self.lifespan, **options)

    async def verify(self, token: str) -> Principal:
        """Who an access token speaks for: for websockets, workers, and whatever is no HTTP request.

        Raises:
            InvalidToken: It does not count.
            Unavailable: Revocation has to be looked up in the database, which does not answer.
        """
        return await authenticate(self.kernel, token)

    async def _start(self) -> None:
        histories = histories_of(self.settings.folder)
        if self.prepared.auto_migrate:
            await self._migrate(histories)
        await self.database.start()
        try:
            await check_current(self.database, histories)
            self._kernel = await self._make_kernel()
            await self._kernel.revocations.start()
            self._housekeeping = self._make_housekeeping(self._kernel)
            self._housekeeping.start()
        except BaseException:
            self._kernel = None
            await self.database.stop()
            raise

    async def _migrate(self, histories: Sequence[History]) -> None:
        # Imported only when there may be something to do.
        from gatewright.migrations.apply import apply_all

        await apply_all(self.database, histories)

    async def _make_kernel(self) -> Kernel:
        settings, prepared, db, clock = self.settings, self.prepared, self.database, self.clock
        vault = Vault(prepared.secrets)
        keyring = await load_key_ring(db, vault, clock, settings.signing_algorithm)
        argon2 = settings.argon2
        return Kernel(
            settings=settings,
            clock=clock,
            db=db,
            vault=vault,
            passwords=PasswordHasher(
                Argon2Parameters(argon2.memory_kib, argon2.iterations, argon2.parallelism),
                queue_ms=settings.hash_queue_ms,
            ),
            access_tokens=AccessTokens(
                keyring,
                algorithm=settings.signing_algorithm,
                issuer=prepared.issuer,
                audience=prepared.audience,
                ttl=settings.access_token_ttl,
                clock=clock,
            ),
            refresh_tokens=RefreshTokens(prepared.secrets),
            revocations=Revocations(db, clock, settings.access_token_ttl),
        )

    def _make_housekeeping(self, kernel: Kernel) -> Housekeeping:
        sweeps = [revocation.remove_expired, *(sweep for feature in FEATURES for sweep in feature.sweeps)]
        return Housekeeping(kernel.db, kernel.clock, kernel.settings, sweeps)

    @asynccontextmanager
    async def _run(self, inner: Lifespan | None, app: Any) -> AsyncIterator[Any]:
        await self.start()
        try:
            async with inner(app) if inner else contextlib.nullcontext() as state:
                yield state
        finally:
            await self.stop()


class GatewrightMiddleware:
    """Gatewright for any ASGI app: `app = GatewrightMiddleware(app, auth)`.

    Answers Gatewright's own routes, starts and stops with the app's lifespan, and puts who makes a request into
    `scope["user"]`: a `Principal`, or None without credentials. Credentials that do not count are refused with 401.
    """

    def __init__(self, app: ASGIApp, auth: Gatewright) -> None:
        self._app = ScopeMiddleware(self._identified, auth=auth)
        self._inner = app
        self._auth = auth
        self._own = Edge(auth.own, auth, https=auth.is_https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "http" and self._auth.own.methods(get_route_path(scope)) is not None:
            await self._own(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _identified(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            try:
                scope["user"] = await authenticate_scope(scope)
            except GatewrightError as error:
                await _refuse(error, scope, receive, send)
                return
        await self._inner(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def receive_after_start() -> Message:
            nonlocal started
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._auth.start()
                started = True
            return message

        try:
            await self._inner(scope, receive_after_start, send)
        finally:
            if started:
                await self._auth.stop()


async def _refuse(error: GatewrightError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # 1008: the message violates a policy (RFC 6455 section 7.4.1).
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
    else:
        await problem_response(error, request_id_of(scope))(scope, receive, send)


def open_database_of(settings: Settings, design: Design | None = None) -> Database:
    """The database that *settings* name, not yet started.

    Args:
        design: What its tables are; that of the settings' folder when left out.

    Raises:
        DesignError: Something is wrong with the design.
        SetupError: Its driver is not installed.
    """
    migrations = settings.migration_database_url
    return open_database(
        settings.database_url.get_secret_value(),
        Schema(design or design_of(settings.folder)),
        pool_size=settings.database.pool_size,
        migration_url=None if migrations is None else migrations.get_secret_value(),
    )


def design_of(folder: Path) -> Design:
    """The design of the app in *folder*, with all that the engine needs; the built-in one without `db.design.json`.

    Raises:
        DesignError: Something is wrong with it, or it uses what is not built yet.
    """
    if not (folder / FILE_NAME).exists():
        return built_in_design()
    return load_complete_design(folder, engine_tables())


def built_in_design() -> Design:
    """The design of an app that has none of its own: what the features declare."""
    return complete(Design(tables=()), engine_tables())


def engine_tables() -> list[Table]:
    """What the features declare of their tables: the engine's part of every design."""
    return [parse_table(table) for feature in FEATURES for table in feature.tables]
