"""The sections of settings that belong to the kernel, and to no feature."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from gatewright.settings.declare import FeatureSettings, SettingsPart, setting
from gatewright.settings.kinds import Duration, OptionalSecret, PrivateKeys, Secret, Words


class MailSettings(FeatureSettings):
    """How mails look."""

    section: ClassVar[str] = "mail"

    app_name: str | None = setting(
        None, "What mails and pages call your service; when not set, the public host.", min_length=1, max_length=100
    )

    templates: str | None = setting(
        None, "Folder with templates of your own for mails, `<mail>.jinja` or `<mail>.<language>.jinja`."
    )

    @field_validator("app_name")
    @classmethod
    def _is_one_line(cls, value: str | None) -> str | None:
        # It stands in headers of every mail, none of which would be sent.
        if value is not None and (not value.isprintable() or "=?" in value):
            raise ValueError("should be one line of printable characters, without an encoded word (RFC 2047)")
        return value


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
    pgbouncer: bool = setting(
        False,
        "Whether `DATABASE_URL` leads through a pooler in transaction mode that loses prepared statements, such as "
        "PgBouncer before 1.21; `?pgbouncer=true` in the URL says the same.",
    )


class SigningSettings(FeatureSettings):
    """Signing keys from outside, instead of those sealed in the database."""

    section: ClassVar[str] = "signing"

    keys: PrivateKeys = setting(
        (), "Private keys in PEM, or as a JWK or a JWK set in JSON: the first signs, all verify and are published."
    )


class DocsSettings(FeatureSettings):
    """The API's document and the page to try it."""

    section: ClassVar[str] = "docs"

    enabled: bool | None = setting(
        None, "Whether /openapi.json and /docs are served; when not set, in development only."
    )


class LimitSettings(FeatureSettings):
    """Limits on calls that anybody can make. Those on signing in are in `[login]`."""

    section: ClassVar[str] = "limits"

    registrations_per_minute: int = setting(20, "Registrations a minute from one address.", ge=1, le=10_000)
    mails_per_minute: int = setting(
        30, "Calls a minute from one address, each of which asks for a mail.", ge=1, le=10_000
    )
    mails_per_hour: int = setting(
        10, "Mails an hour that one mailbox gets, of each kind that is not limited to three links.", ge=1, le=10_000
    )


class AuditSettings(FeatureSettings):
    """The audit log."""

    section: ClassVar[str] = "audit"

    retention: Duration = setting(
        "365d", "How long events are kept; what is removed leaves a signed checkpoint.", ge="1d", le="3650d"
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

    secret: Secret = setting(..., "The client's secret, which a service sends to ask about tokens.", min_length=1)
