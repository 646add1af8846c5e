"""The settings that every installation has."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import PrivateAttr, ValidationError, ValidationInfo, field_validator

from gatewright.roles import BUILT_IN_ROLES
from gatewright.settings import names
from gatewright.settings.declare import FeatureSettings, SettingsPart, setting
from gatewright.settings.explain import explain, refusal
from gatewright.settings.kinds import (
    DatabaseUrl,
    Duration,
    Mailbox,
    OptionalDatabaseUrl,
    OptionalMailUrl,
    OptionalRedisUrl,
    Origins,
    Prefix,
    Proxies,
    RedirectUrls,
    Secrets,
    WebUrl,
    Words,
)
from gatewright.settings.sections import (
    Argon2Settings,
    AuditSettings,
    CaptchaSettings,
    ClientSettings,
    DatabaseSettings,
    DocsSettings,
    GeneratorSettings,
    LimitSettings,
    MailSettings,
    MetricsSettings,
    RoleSettings,
    SigningSettings,
)
from gatewright.settings.sources import read

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

Section = TypeVar("Section", bound=FeatureSettings)


class KernelSettings(SettingsPart):
    """Settings from keywords, over variables, over `.env`, over `gatewright.toml`, over defaults.

    What is not given as a keyword is looked for in `GATEWRIGHT_<NAME>`, then in `.env` and `gatewright.toml` of
    the working directory. The whole is checked at once, and cannot be changed afterwards.

    Raises:
        SetupError: A name is unknown or a value does not fit; the message names all that is wrong, and no value.
    """

    environment: Literal["production", "development"] = setting(
        "production", "`development` makes a secret by itself, and allows http."
    )
    database_url: DatabaseUrl = setting(
        "sqlite:///gatewright.db", "Where the data is: `sqlite:///path` or `postgresql://…`."
    )
    migration_database_url: OptionalDatabaseUrl = setting(
        None, "The database under a role that may change tables, for migrations; when not set, `DATABASE_URL`."
    )
    migration_lock_timeout: Duration = setting(
        "5m", "How long a migration waits for another one before it gives up.", ge="0s", le="1d"
    )
    redis_url: OptionalRedisUrl = setting(None, "Redis or Valkey, `redis://…`. Not built yet: has no effect.")
    secret: Secrets = setting(
        (), "At least 32 random bytes. Several, separated by commas: the first makes, all verify."
    )
    public_url: WebUrl | None = setting(
        None,
        "Where browsers and apps reach this server, such as https://example.com; when not set, in development only, "
        "http://localhost with the port of the server.",
    )
    api_prefix: Prefix = setting("", "Path that all routes begin with, such as /api.")
    issuer: str | None = setting(None, "Issuer in the tokens; when not set, `PUBLIC_URL`.", min_length=1)
    audience: str | None = setting(None, "Audience in the tokens; when not set, `ISSUER`.", min_length=1)
    signing_algorithm: Literal["ES256", "EdDSA", "RS256", "HS256"] = setting(
        "ES256", "How access tokens are signed; no other algorithm is accepted."
    )
    access_token_ttl: Duration = setting("15m", "How long an access token counts.", ge="1s", le="1h")
    refresh_token_ttl: Duration = setting("7d", "How long a session lasts without use.", ge="1m", le="365d")
    session_max_age: Duration = setting("30d", "How long a session lasts in any case.", ge="1m", le="3650d")
    refresh_grace: Duration = setting(
        "10s", "How long a spent refresh token gets the same successor again.", ge="0s", le="1m"
    )
    recent_auth: Duration = setting("5m", "How long a login counts as recent.", ge="1s", le="1d")
    access_check: Literal["revocation", "strict"] = setting(
        "revocation", "`strict` reads the session from the database in every request."
    )
    registration: Literal["open", "invite", "closed"] = setting(
        "open", "Who may register: `open` anybody, `invite` whoever was invited by mail, `closed` nobody."
    )
    require_verified_email: bool = setting(False, "Whether an address must be verified before login.")
    mfa_required_roles: Words = setting(
        (), "Roles that need a second factor. Not built yet: setting it stops the start."
    )
    password_min_length: int = setting(8, "Fewest characters of a password.", ge=8, le=128)
    password_max_length: int = setting(128, "Most characters of a password.", ge=50, le=1024)
    hash_queue_ms: int = setting(
        2000, "Milliseconds a password may wait for its hash; beyond that, calls are refused at once.", ge=1, le=60_000
    )
    rate_limit_enabled: bool = setting(True, "Whether logins and other calls that anybody can make are limited.")
    cors_origins: Origins = setting(
        (),
        "Origins of the pages and apps that may call this server, such as https://app.example.com, capacitor://localhost.",
    )
    trusted_proxies: Proxies = setting(
        (), "Addresses and networks of proxies, whose `X-Forwarded-For` is believed; `unix` for one at a Unix socket."
    )
    redirect_urls: RedirectUrls = setting((), "Where a browser may be sent back to. Not built yet: has no effect.")
    mail_url: OptionalMailUrl = setting(
        None,
        "How mails leave: `smtp://USER:PASSWORD@HOST:587` (STARTTLS), `smtps://…:465`, `console:`, or `inbox:`, which "
        "development uses when not set.",
    )
    mail_from: Mailbox | None = setting(
        None, "Sender of the mails, such as `Shop <hello@example.com>`; when not set, no-reply at the public host."
    )
    mail_link_base: WebUrl | None = setting(
        None, "Your own pages for the links in mails; when not set, this server's, `PUBLIC_URL/auth/pages`."
    )
    auto_migrate: bool | None = setting(
        None, "Whether a start brings the database up to date; when not set, in development only."
    )
    studio: Literal["off", "admin"] = setting(
        "off", "Administration pages on the server. `admin` is not built yet: setting it stops the start."
    )

    mail: MailSettings = MailSettings()
    argon2: Argon2Settings = Argon2Settings()
    database: DatabaseSettings = DatabaseSettings()
    signing: SigningSettings = SigningSettings()
    docs: DocsSettings = DocsSettings()
    limits: LimitSettings = LimitSettings()
    audit: AuditSettings = AuditSettings()
    metrics: MetricsSettings = MetricsSettings()
    captcha: CaptchaSettings = CaptchaSettings()
    generator: GeneratorSettings = GeneratorSettings()
    roles: Mapping[str, RoleSettings] = setting({}, "The roles by name; USER and ADMIN always exist.")
    clients: Mapping[str, ClientSettings] = setting({}, "The clients of the introspection call by name.")

    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    # Type checkers make the signature from the fields instead, as for every pydantic model.
    if not TYPE_CHECKING:

        def __init__(self, /, **keywords: Any) -> None:
            reading = read(type(self), keywords, os.environ, Path.cwd())
            problems = reading.problems
            try:
                super().__init__(**reading.nested())
            except ValidationError as error:
                problems = problems + explain(error, reading)
            # Outside the except clause, so that pydantic's error with its values does not hang on ours.
            if problems:
                raise refusal(problems)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        for name, field in cls.model_fields.items():
            part = field.annotation
            if isinstance(part, type) and issubclass(part, FeatureSettings) and part.section != name:
                raise TypeError(f"{part.__name__} belongs in a field called {part.section!r}, not {name!r}")

    @property
    def folder(self) -> Path:
        """The folder in which the settings were read: that of `gatewright.toml`, if there is one."""
        return self._folder

    @property
    def in_development(self) -> bool:
        """Whether this is a developer's own machine, where comfort comes before strictness."""
        return self.environment == "development"

    def section(self, kind: type[Section]) -> Section:
        """A feature's own settings.

        Raises:
            LookupError: These settings have no such section.
        """
        for section in self.sections():
            if isinstance(section, kind):
                return section
        raise LookupError(f"{type(self).__name__} has no section [{kind.section}] of {kind.__name__}")

    def sections(self) -> list[FeatureSettings]:
        """All sections, the kernel's own and the features'."""
        values = [getattr(self, name) for name in type(self).model_fields]
        return [value for value in values if isinstance(value, FeatureSettings)]

    @field_validator("password_max_length")
    @classmethod
    def _not_below_the_minimum(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("password_min_length", 0):
            raise ValueError(f"should not be below {names.variable(['password_min_length'])}")
        return value

    @field_validator("roles")
    @classmethod
    def _with_built_in_roles(cls, roles: Mapping[str, RoleSettings]) -> Mapping[str, RoleSettings]:
        every = {**{name: RoleSettings() for name in BUILT_IN_ROLES}, **roles}
        # A variable gives EDITOR where the file says [roles.editor]: two roles that nobody wanted.
        if len({name.casefold() for name in every}) < len(every):
            raise ValueError(f"should not have names that differ only in their case ({', '.join(every)})")
        return every

    @field_validator("roles", "clients")
    @classmethod
    def _named_plainly(cls, parts: Mapping[str, Any]) -> Mapping[str, Any]:
        if not all(_NAME.fullmatch(name) for name in parts):
            raise ValueError("should have names of at most 64 letters, digits, _ and -")
        return parts
