"""The sections of settings that belong to the kernel, and to no feature."""

from __future__ import annotations

from typing import ClassVar, Literal

from gatewright.settings.declare import FeatureSettings, SettingsPart, setting
from gatewright.settings.kinds import OptionalSecret, Secret, Secrets, Words


class Argon2Settings(FeatureSettings):
    """What one password hash costs. Older hashes are upgraded at the next login."""

    section: ClassVar[str] = "argon2"

    memory_kib: int = setting(19456, "Memory of one Argon2id hash, in KiB.", ge=7168, le=1_048_576)
    iterations: int = setting(2, "Passes over that memory.", ge=1, le=100)
    parallelism: int = setting(1, "Lanes of one hash.", ge=1, le=16)


class DatabaseSettings(FeatureSettings):
    """How the database is used."""

    section: ClassVar[str] = "database"

    pool_size: int = setting(
        10, "Connections to PostgreSQL that one worker keeps for its most frequent statements.", ge=1, le=1000
    )


class SigningSettings(FeatureSettings):
    """Signing keys from outside, instead of those sealed in the database."""

    section: ClassVar[str] = "signing"

    keys: Secrets = setting((), "Private keys as PEM or JWK. Not built yet: setting it stops the start.")


class DocsSettings(FeatureSettings):
    """The API's document and the page to try it."""

    section: ClassVar[str] = "docs"

    enabled: bool | None = setting(
        None, "Whether /openapi.json and /docs are served; when not set, in development only."
    )


class MetricsSettings(FeatureSettings):
    """The Prometheus metrics."""

    section: ClassVar[str] = "metrics"

    listen: str | None = setting(
        None, "Address and port of the metrics listener, such as 127.0.0.1:9090. Not built yet: has no effect."
    )


class CaptchaSettings(FeatureSettings):
    """A CAPTCHA after failed logins."""

    section: ClassVar[str] = "captcha"

    provider: Literal["turnstile", "hcaptcha"] | None = setting(
        None, "Who makes the CAPTCHA. Not built yet: setting it stops the start."
    )
    secret: OptionalSecret = setting(None, "The provider's secret. Not built yet: has no effect.")


class GeneratorSettings(FeatureSettings):
    """What `gatewright generate` and `gatewright dev` write."""

    section: ClassVar[str] = "generator"

    template: str | None = setting(
        None,
        "Folder with templates of your own, in the place of those with the same names; as seen from the app's.",
        min_length=1,
    )


class RoleSettings(SettingsPart):
    """One role, `[roles.NAME]`."""

    permissions: Words = setting((), "What accounts with this role may do, such as posts:write.")


class ClientSettings(SettingsPart):
    """One client of the introspection call, `[clients.NAME]`."""

    secret: Secret = setting(..., "The client's secret. Not built yet: has no effect.", min_length=1)
