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
        SetupError: A name is unknown or a value is not valid; the message lists every problem, and no value.
    """

    environment: Literal["production", "development"] = setting(
        "production", "`development` generates a secret and allows http."
    )
    database_url: DatabaseUrl = setting(
        "sqlite:///gatewright.db", "URL of the database: `sqlite:///path` or `postgresql://…`."
    )
    migration_database_url: OptionalDatabaseUrl = setting(
        None, "URL of the database for migrations, with a role that may change tables; default: `DATABASE_URL`."
    )
    migration_lock_timeout: Duration = setting(
        "5m", "How long a migration waits for another one to finish.", ge="0s", le="1d"
    )
    redis_url: OptionalRedisUrl = setting(None, "URL of Redis or Valkey, `redis://…`. Not built yet: has no effect.")
    secret: Secrets = setting(
        (), "At least 32 random bytes. Of several, separated by commas, the first signs and all verify."
    )
    public_url: WebUrl | None = setting(
        None,
        "URL at which browsers and apps reach this server, such as https://example.com; default in development: "
        "http://localhost with the server's port.",
    )
    api_prefix: Prefix = setting("", "Path prefix of all routes, such as /api.")
    issuer: str | None = setting(None, "Issuer (`iss`) of the tokens; default: `PUBLIC_URL`.", min_length=1)
    audience: str | None = setting(None, "Audience (`aud`) of the tokens; default: `ISSUER`.", min_length=1)
    signing_algorithm: Literal["ES256", "EdDSA", "RS256", "HS256"] = setting(
        "ES256", "Algorithm that signs access tokens; tokens with any other are refused."
    )
    access_token_ttl: Duration = setting("15m", "Lifetime of an access token.", ge="1s", le="1h")
    refresh_token_ttl: Duration = setting("7d", "Lifetime of a session that is not used.", ge="1m", le="365d")
    session_max_age: Duration = setting("30d", "Lifetime of a session, used or not.", ge="1m", le="3650d")
    refresh_grace: Duration = setting(
        "10s", "How long a used refresh token still returns the same successor.", ge="0s", le="1m"
    )
    recent_auth: Duration = setting(
        "5m", "How long after a login sensitive calls need no reauthentication.", ge="1s", le="1d"
    )
    access_check: Literal["revocation", "strict"] = setting(
        "revocation",
        "How access tokens are checked: `revocation` in memory, `strict` in the database, in every request.",
    )
    registration: Literal["open", "invite", "closed"] = setting(
        "open", "Who may register: `open` everyone, `invite` invited addresses, `closed` no one."
    )
    require_verified_email: bool = setting(False, "Require a verified e-mail address to sign in.")
    mfa_required_roles: Words = setting(
        (), "Roles that require a second factor. Not built yet: setting it prevents the start."
    )
    password_min_length: int = setting(8, "Minimum length of a password.", ge=8, le=128)
    password_max_length: int = setting(128, "Maximum length of a password.", ge=50, le=1024)
    hash_queue_ms: int = setting(
        2000,
        "Longest wait for a password hash, in milliseconds; calls that would wait longer are refused at once.",
        ge=1,
        le=60_000,
    )
    rate_limit_enabled: bool = setting(True, "Limit logins and other calls that need no access token.")
    cors_origins: Origins = setting(
        (),
        "Origins of pages and apps that may call this server, such as https://app.example.com or capacitor://localhost.",
    )
    trusted_proxies: Proxies = setting(
        (), "Addresses and networks of proxies whose `X-Forwarded-For` is trusted; `unix` for a proxy at a Unix socket."
    )
    redirect_urls: RedirectUrls = setting(
        (), "URLs to which a browser may be redirected. Not built yet: has no effect."
    )
    mail_url: OptionalMailUrl = setting(
        None,
        "Mail server: `smtp://USER:PASSWORD@HOST:587` (STARTTLS) or `smtps://…:465`; `console:` or `inbox:` keep mails "
        "on this machine. Default in development: `inbox:`.",
    )
    mail_from: Mailbox | None = setting(
        None, "Sender of mails, such as `Shop <hello@example.com>`; default: no-reply at the public host."
    )
    mail_link_base: WebUrl | None = setting(
        None, "URL of your own pages for the links in mails; default: this server's, `PUBLIC_URL/auth/pages`."
    )
    auto_migrate: bool | None = setting(None, "Apply pending migrations at the start; default: only in development.")
    studio: Literal["off", "admin"] = setting(
        "off", "Administration pages on the server. `admin` is not built yet: setting it prevents the start."
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
    roles: Mapping[str, RoleSettings] = setting({}, "Roles by name; USER and ADMIN always exist.")
    clients: Mapping[str, ClientSettings] = setting({}, "Clients of the introspection call, by name.")

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
        """Whether this is a development machine, where defaults are convenient instead of strict."""
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
        # A variable gives EDITOR where the file says [roles.editor]: two roles by mistake.
        if len({name.casefold() for name in every}) < len(every):
            raise ValueError(f"should not have names that differ only in their case ({', '.join(every)})")
        return every

    @field_validator("roles", "clients")
    @classmethod
    def _named_plainly(cls, parts: Mapping[str, Any]) -> Mapping[str, Any]:
        if not all(_NAME.fullmatch(name) for name in parts):
            raise ValueError("should have names of at most 64 letters, digits, _ and -")
        return parts
