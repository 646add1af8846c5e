"""The composition root: builds the features that are on from the settings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import Scope

from gatewright.clock import Clock, SystemClock
from gatewright.core import reencryption, revocation
from gatewright.core.audit.log import Origin
from gatewright.core.audit.sealer import AuditSealer
from gatewright.core.context import Context, Kernel
from gatewright.core.engine_tables import design_of
from gatewright.core.housekeeping import Housekeeping, Sweep
from gatewright.core.keys.key_store import load_key_ring, remove_retired
from gatewright.core.keys.key_watch import KeyWatch
from gatewright.core.keys.ring import KeyRing
from gatewright.core.lifetime import Lifetime
from gatewright.core.limits import database as limits_database
from gatewright.core.limits.database import DatabaseLimits
from gatewright.core.limits.limiter import Limiter
from gatewright.core.mail.deliveries import Deliveries
from gatewright.core.mail.links import Links
from gatewright.core.mail.outbox import Outbox, remove_done
from gatewright.core.mail.transport import MailSender, sender_for
from gatewright.core.principal import Principal, authenticate
from gatewright.core.readiness import Readiness
from gatewright.core.revocation import Revocations
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.core.tokens.device_tokens import DeviceTokens
from gatewright.core.tokens.refresh_tokens import RefreshTokens
from gatewright.core.vault import Vault
from gatewright.errors import SetupError
from gatewright.features.login.settings import LoginSettings
from gatewright.features.password.hashing import hasher_of, pwned_passwords_of
from gatewright.http.access_log import keep_tokens_out
from gatewright.http.client_address import AddressWarning
from gatewright.http.cookies import Cookies
from gatewright.http.edge import Edge
from gatewright.http.feature import Feature
from gatewright.http.feature_set import FeatureSet
from gatewright.http.gatewright_routes import GatewrightEntry, GatewrightRoutes
from gatewright.http.host import prepare_host
from gatewright.http.port import port_of, warn_of_unknown_port
from gatewright.http.service_app import make_service_app
from gatewright.migrations.histories import History
from gatewright.migrations.status import check_current
from gatewright.selection import Settings, open_database_of
from gatewright.settings import prepare
from gatewright.settings.development import remember_port

if TYPE_CHECKING:
    from gatewright.core.mail.writing import MailWriter

# The `env.py` of apps imports these two from here.
__all__ = ["Gatewright", "Settings", "configured_key_ring", "open_database_of"]

_NOT_STARTED = "Gatewright has not been started: pass lifespan=auth.lifespan to your app."

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


class Gatewright:
    """Authentication for one app.

    Args:
        settings: Read from `gatewright.toml` and `GATEWRIGHT_*` when left out.
        clock: The system's when left out; tests pass one of their own.
        port: Where our own server listens; it is the port of the public URL in development.
        mail_sender: Another way of sending mails than `MAIL_URL` names.
        features: The features that are on, for a test. Outside development they have to be those of the settings.

    Attributes:
        features: Those that are on.
        clock: Read when it starts.
        mail_sender: How mails leave.
        design: The app's `db.design.json` with all that the engine needs; the built-in design where there is none.
        awaits_port: Whether the port of the public URL is taken from the first request.

    Raises:
        DesignError: Something is wrong with the design.
        SetupError: The settings are not valid, or not safe.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        port: int | None = None,
        mail_sender: MailSender | None = None,
        features: Sequence[Feature] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.features = self._listed = self.settings.feature_set
        if features is not None:
            self.features = FeatureSet(features)
            self.settings = self.settings.with_selection(self.features)
        self.prepared = prepare(self.settings, port=port, has_own_sender=mail_sender is not None)
        self.awaits_port = self.settings.in_development and self.settings.public_url is None and port is None
        self.clock: Clock = clock or SystemClock()
        self.mail_sender = mail_sender or sender_for(
            self.settings, self.prepared.mail_url, lambda: self.prepared.public_url + self.settings.api_prefix
        )
        self._kernel: Kernel | None = None
        self._deliveries: Deliveries | None = None
        self._lifetime = Lifetime(self._open_parts)
        self.design = design_of(self.settings.folder)
        self.database = open_database_of(self.settings, self.design, self.features)
        self._pwned_passwords = pwned_passwords_of(self.settings)
        self._configured_keys = configured_key_ring(self.settings)
        routers = self.features.routers(self.design)
        if self.features.second_factors:
            # Imported only where a feature brings one.
            from gatewright.features.login.routes import router as second_factor_router

            routers.append(second_factor_router)
        self.cookies = Cookies(self.prepared.public_url, self.settings.cors_origins)
        self.address_warning = AddressWarning(self.settings.trusted_proxies)
        self.routes = GatewrightRoutes(routers, self.settings.api_prefix, self.cookies)

    @property
    def kernel(self) -> Kernel:
        """The running parts.

        Raises:
            RuntimeError: `lifespan` has not been entered, or in another event loop, which the database is bound to.
        """
        if self._kernel is None:
            raise RuntimeError(_NOT_STARTED)
        if self.database.needs_its_loop:
            self._lifetime.check_loop()
        return self._kernel

    @property
    def deliveries(self) -> Deliveries:
        """What sends the mails.

        Raises:
            RuntimeError: `lifespan` has not been entered.
        """
        if self._deliveries is None:
            raise RuntimeError(_NOT_STARTED)
        return self._deliveries

    @property
    def is_https(self) -> bool:
        """Whether clients reach this server by https."""
        return self.prepared.public_url.startswith("https:")

    def learn_port(self, scope: Scope) -> None:
        """Take the port of the public URL from the server of the first request, and never from what a client sends."""
        self.awaits_port = False
        port = port_of(scope)
        if port is None:
            warn_of_unknown_port(scope, self.prepared.public_url)
            return
        remember_port(self.settings.folder, port)
        self.prepared = prepare(self.settings, port=port)
        self.cookies.move_to(self.prepared.public_url)
        self.kernel.access_tokens.move_to(issuer=self.prepared.issuer, audience=self.prepared.audience)
        self.deliveries.links = self._links()

    def context(self, origin: Origin | None = None) -> Context:
        """What services work with, outside a request."""
        return Context.of(self.kernel, origin or Origin())

    async def start(self) -> None:
        """Open the database, bring it up to date or check that it is, load the keys, and begin to poll.

        After `stop`, and after a start that failed, it can be started again, in another event loop too.

        Raises:
            SetupError: A step failed, or it runs in another event loop; the message says what to do.
        """
        await self._lifetime.enter()

    async def stop(self) -> None:
        """End what `start` began, once as often as it was called."""
        await self._lifetime.leave()

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
        app.router.routes.insert(0, GatewrightEntry(self.routes, Edge(self.routes, self, https=self.is_https)))

    def create_app(
        self, *, lifespan: Lifespan | None = None, page_policy: str | None = None, **options: Any
    ) -> FastAPI:
        """An app that keeps to the HTTP contract in all its answers, those of your own routes too.

        Problem documents, security headers, the size limit and CORS for `CORS_ORIGINS` hold for every route; there are
        `/health/live`, `/health/ready` and, in development or where the settings ask for it, `/docs`.

        Args:
            lifespan: One of your own; it begins after Gatewright has started, and ends before it stops.
            page_policy: The Content-Security-Policy of HTML without one; without this, your pages load nothing.
            options: FastAPI's, such as `title`.

        Raises:
            SetupError: `page_policy` is not a policy, or allows inline scripts.
        """
        own = self.lifespan(inner=lifespan) if lifespan else self.lifespan
        return make_service_app(self, own, pages=page_policy, **options)

    async def verify(self, token: str) -> Principal:
        """The user of an access token: for websockets, workers, and everything else that is not an HTTP request.

        Raises:
            InvalidToken: It does not count.
            Unavailable: Revocation has to be looked up in the database, which does not answer.
        """
        return await authenticate(self.kernel, token)

    async def _open_parts(self, parts: AsyncExitStack) -> None:
        keep_tokens_out()
        self._check_features()
        histories = self.features.histories(self.settings.folder)
        if self.prepared.auto_migrate:
            await self._migrate(histories)
        parts.push_async_callback(self.database.stop)
        await self.database.start()
        await check_current(self.database, histories)
        self.database.keep_private()
        kernel = await self._make_kernel(parts)
        await kernel.revocations.start()
        parts.push_async_callback(kernel.revocations.stop)
        self._sealer = AuditSealer(self.database, self.clock, kernel.vault)
        self._housekeeping = self._make_housekeeping(kernel)
        deliveries = self._make_deliveries(kernel)
        for part in (self._sealer, self._housekeeping, deliveries):
            part.start()
            parts.push_async_callback(part.stop)
        self._kernel, self._deliveries = kernel, deliveries
        parts.callback(self._forget_parts)  # before anything is closed

    def _check_features(self) -> None:
        if self.features.features != self._listed.features and not self.settings.in_development:
            raise SetupError(
                "Gatewright(features=…) is another list than [features] in the settings, which every command follows. "
                "Name the features in gatewright.toml instead."
            )

    def _forget_parts(self) -> None:
        self._kernel = self._deliveries = None

    async def _migrate(self, histories: Sequence[History]) -> None:
        # Imported only when there may be something to do.
        from gatewright.migrations.apply import apply_all

        await apply_all(self.database, histories)

    async def _make_kernel(self, parts: AsyncExitStack) -> Kernel:
        settings, prepared, db, clock = self.settings, self.prepared, self.database, self.clock
        vault = Vault(prepared.secrets)
        keyring = self._configured_keys or await load_key_ring(db, vault, clock, settings.signing_algorithm)
        access_tokens = AccessTokens(
            keyring,
            algorithm=settings.signing_algorithm,
            issuer=prepared.issuer,
            audience=prepared.audience,
            ttl=settings.access_token_ttl,
            clock=clock,
        )
        revocations = Revocations(db, clock, settings.access_token_ttl)
        keys = None
        if self._configured_keys is None:
            keys = KeyWatch(db, vault, clock, access_tokens)
            revocations.join(keys.read)
            parts.push_async_callback(keys.stop)
        limit_store = DatabaseLimits(db, clock) if settings.rate_limit_enabled else None
        passwords = hasher_of(settings)
        parts.push_async_callback(asyncio.to_thread, passwords.close)
        if self._pwned_passwords is not None:
            parts.push_async_callback(self._pwned_passwords.close)
        return Kernel(
            settings=settings,
            app_name=prepared.app_name,
            clock=clock,
            db=db,
            vault=vault,
            passwords=passwords,
            pwned_passwords=self._pwned_passwords,
            access_tokens=access_tokens,
            keys=keys,
            refresh_tokens=RefreshTokens(prepared.secrets),
            revocations=revocations,
            readiness=Readiness(db, clock),
            limiter=Limiter(limit_store, clock, prepared.secrets[0]),
            device_tokens=DeviceTokens(prepared.secrets, settings.section(LoginSettings).device_ttl),
            second_factors=self.features.second_factors,
            outbox=Outbox(vault, clock),
        )

    def _make_housekeeping(self, kernel: Kernel) -> Housekeeping:
        sweeps: list[Sweep] = [revocation.remove_expired, limits_database.remove_expired, remove_done, remove_retired]
        sweeps += [self._sealer.prune, *reencryption.sweeps(kernel.vault, self.features.sealed)]
        sweeps += self.features.sweeps
        return Housekeeping(kernel.db, kernel.clock, kernel.settings, sweeps)

    def _make_deliveries(self, kernel: Kernel) -> Deliveries:
        settings, prepared = self.settings, self.prepared
        mails = self.features.mails

        def writer() -> MailWriter:
            # Imported when the first mail is due.
            from gatewright.core.mail.writing import MailWriter

            own = [settings.folder / settings.mail.templates] if settings.mail.templates else []
            return MailWriter(
                [*own, *sorted({mail.folder for mail in mails.values()})],
                sender=prepared.mail_from,
                app_name=prepared.app_name,
                host=urlsplit(prepared.public_url).hostname or "localhost",
            )

        deliveries = Deliveries(
            kernel.db,
            kernel.clock,
            kernel.vault,
            settings,
            mails=mails,
            links=self._links(),
            sender=self.mail_sender,
            writer=writer,
        )
        kernel.outbox.wake_on_new_mail(asyncio.get_running_loop(), deliveries.wake)
        return deliveries

    def _links(self) -> Links:
        return Links.of(self.prepared.public_url, self.settings.api_prefix, self.settings.mail_link_base)

    @asynccontextmanager
    async def _run(self, inner: Lifespan | None, app: Any) -> AsyncIterator[Any]:
        self.cookies.log_problem(app)
        await self.start()
        try:
            async with inner(app) if inner else contextlib.nullcontext() as state:
                yield state
        finally:
            await self.stop()


def configured_key_ring(settings: Settings) -> KeyRing | None:
    """The signing keys of the settings, if they bring any.

    Raises:
        SetupError: A key cannot be used; the message says which and why.
    """
    if not settings.signing.keys:
        return None
    from gatewright.core.keys.configured_keys import key_ring_of

    return key_ring_of([key.get_secret_value() for key in settings.signing.keys], settings.signing_algorithm)
