"""The sections of the kernel's settings."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import field_validator

from gatewright.settings.declare import FeatureSettings, SettingsPart, Unbuilt, setting
from gatewright.settings.kinds import Duration, OptionalSecret, PrivateKeys, Secret, Words


class SelectionSettings(FeatureSettings):
    """Which features are on. The app and every command see the same list."""

    section: ClassVar[str] = "features"

    off: Words = setting((), "Features to switch off, such as invitations; users, sessions and login always stay on.")
    add: Words = setting((), "Features of your own to add, as `MODULE:NAME`, such as app.sms:FEATURE.")


class MailSettings(FeatureSettings):
    """Content of mails."""

    section: ClassVar[str] = "mail"

    app_name: str | None = setting(
        None, "Name of your service in mails and pages; default: the public host.", min_length=1, max_length=100
    )

    templates: str | None = setting(
        None, "Folder of your own mail templates, `<mail>.jinja` or `<mail>.<language>.jinja`."
    )

    @field_validator("app_name")
    @classmethod
    def _is_one_line(cls, value: str | None) -> str | None:
        # It is part of mail headers: no mail could be sent.
        if value is not None and (not value.isprintable() or "=?" in value):
            raise ValueError("should be one line of printable characters, without an encoded word (RFC 2047)")
        return value


class Argon2Settings(FeatureSettings):
    """Cost of a password hash. Older hashes are upgraded at the next login."""

    section: ClassVar[str] = "argon2"

    memory_kib: int = setting(19456, "Memory of an Argon2id hash, in KiB.", ge=7168, le=1_048_576)
    iterations: int = setting(2, "Passes over that memory.", ge=1, le=100)
    parallelism: int = setting(1, "Number of lanes.", ge=1, le=16)


class DatabaseSettings(FeatureSettings):
    """Connections to the database."""

    section: ClassVar[str] = "database"

    pool_size: int = setting(
        10, "PostgreSQL connections of one worker for its most frequent statements.", ge=1, le=1000
    )
    pgbouncer: bool = setting(
        False,
        "Set it if `DATABASE_URL` leads to a pooler in transaction mode without prepared statements, such as PgBouncer "
        "before 1.21; the same as `?pgbouncer=true` in the URL.",
    )


class SigningSettings(FeatureSettings):
    """Signing keys that you manage, instead of those in the database."""

    section: ClassVar[str] = "signing"

    keys: PrivateKeys = setting(
        (), "Private keys as PEM, JWK or JWK set. The first signs; all verify and are published."
    )


class DocsSettings(FeatureSettings):
    """The OpenAPI document and its page."""

    section: ClassVar[str] = "docs"

    enabled: bool | None = setting(None, "Serve /openapi.json and /docs; default: only in development.")


class LimitSettings(FeatureSettings):
    """Limits on calls that need no access token. Login limits are in `[login]`."""

    section: ClassVar[str] = "limits"

    registrations_per_minute: int = setting(20, "Registrations per minute from one address.", ge=1, le=10_000)
    mails_per_minute: int = setting(30, "Calls per minute from one address that request a mail.", ge=1, le=10_000)
    mails_per_hour: int = setting(
        10, "Mails per hour to one mailbox, of each kind that has no limit of three live links.", ge=1, le=10_000
    )


class AuditSettings(FeatureSettings):
    """The audit log."""

    section: ClassVar[str] = "audit"

    retention: Duration = setting(
        "365d", "How long events are kept; removed events leave a signed checkpoint.", ge="1d", le="3650d"
    )


class MetricsSettings(FeatureSettings):
    """The Prometheus metrics."""

    section: ClassVar[str] = "metrics"

    listen: str | None = setting(
        None, "Address and port of the metrics listener, such as 127.0.0.1:9090.", unbuilt=Unbuilt.WARNS
    )


class CaptchaSettings(FeatureSettings):
    """CAPTCHA after failed logins."""

    section: ClassVar[str] = "captcha"

    provider: Literal["turnstile", "hcaptcha"] | None = setting(None, "Provider of the CAPTCHA.", unbuilt=Unbuilt.STOPS)
    secret: OptionalSecret = setting(None, "The provider's secret.", unbuilt=Unbuilt.WARNS)


class GeneratorSettings(FeatureSettings):
    """Generated code."""

    section: ClassVar[str] = "generator"

    template: str | None = setting(
        None,
        "Folder of your own templates, which replace built-in ones of the same name; relative to the app's folder.",
        min_length=1,
    )


class RoleSettings(SettingsPart):
    """A role, `[roles.NAME]`."""

    permissions: Words = setting((), "Permissions of the role, such as posts:write.")


class ClientSettings(SettingsPart):
    """A client of the introspection call, `[clients.NAME]`."""

    secret: Secret = setting(..., "Secret that the client sends with HTTP Basic.", min_length=1)
