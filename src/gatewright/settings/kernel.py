"""The settings that every installation has."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from pydantic import PrivateAttr, ValidationError, ValidationInfo, field_validator

from gatewright.roles import BUILT_IN_ROLES
from gatewright.settings import names
from gatewright.settings.declare import Everything, FeatureSettings, Selection, SettingsPart, Unbuilt, setting
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
    SelectionSettings,
    SigningSettings,
)
from gatewright.settings.sources import Reading, Sources, gather

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
    redis_url: OptionalRedisUrl = setting(None, "URL of Redis or Valkey, `redis://…`.", unbuilt=Unbuilt.WARNS)
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
    mfa_required_roles: Words = setting((), "Roles that require a second factor.", unbuilt=Unbuilt.STOPS)
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
    redirect_urls: RedirectUrls = setting((), "URLs to which a browser may be redirected.", unbuilt=Unbuilt.WARNS)
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
    studio: Literal["off", "admin"] = setting("off", "Administration pages on the server.", unbuilt=Unbuilt.STOPS)

    features: SelectionSettings = SelectionSettings()
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
    _selection: Selection = PrivateAttr(default_factory=Everything)
    _feature_sections: Sequence[FeatureSettings] = PrivateAttr(())

    # Type checkers make the signature from the fields instead, as for every pydantic model.
    if not TYPE_CHECKING:

        def __init__(self, /, **keywords: Any) -> None:
            sources = gather(type(self).__name__, keywords, os.environ, Path.cwd())
            selection = self._select(_selected(sources))
            known = names.known_settings(type(self))
            sections = {name: kind for name, kind in selection.sections.items() if name not in type(self).model_fields}
            reading = sources.reading({**known, **names.section_settings(sections)}, selection.sections_off)
            values, problems = reading.nested(), reading.problems
            checked = _checked({kind: values.pop(name, {}) for name, kind in sections.items()}, reading)
            try:
                super().__init__(**values)
            except ValidationError as error:
                problems = problems + explain(error, reading)
            # Outside the except clause, so that pydantic's error with its values is not chained to ours.
            if problems:
                raise refusal(problems)
            self._selection, self._feature_sections = selection, checked

    @classmethod
    def _select(cls, _asked: SelectionSettings) -> Selection:
        """The features that are on; `gatewright.Settings` knows which there are."""
        return Everything()

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

    @property
    def selection(self) -> Selection:
        """Which features are on."""
        return self._selection

    def has_feature(self, name: str) -> bool:
        """Whether the feature called *name* is on."""
        return self._selection.has(name)

    def with_selection(self, selection: Selection) -> Self:
        """These settings with other features on; a section that they lack gets its defaults."""
        fields, known = type(self).model_fields, {type(section): section for section in self._feature_sections}
        copy = self.model_copy()
        copy._selection = selection
        copy._feature_sections = [
            known.get(kind) or kind() for name, kind in selection.sections.items() if name not in fields
        ]
        return copy

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
        return [*(value for value in values if isinstance(value, FeatureSettings)), *self._feature_sections]

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


def _selected(sources: Sources) -> SelectionSettings:
    """The section `[features]`, which decides what other sections there are; its problems are reported later."""
    name = SelectionSettings.section
    reading = sources.of_section(name).reading(names.section_settings({name: SelectionSettings}))
    try:
        return SelectionSettings.model_validate(reading.nested().get(name, {}))
    except ValidationError:
        return SelectionSettings()


def _checked(sections: Mapping[type[FeatureSettings], object], reading: Reading) -> list[FeatureSettings]:
    """The sections of features with their values; the problems of one are added to *reading*."""
    checked = []
    for kind, given in sections.items():
        try:
            checked.append(kind.model_validate(given))
        except ValidationError as error:
            reading.problems += explain(error, reading, kind.section)
    return checked
