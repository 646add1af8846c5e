"""Refuses a start with unsafe settings, and fills in what the settings leave open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from ipaddress import ip_address
from urllib.parse import urlsplit

from gatewright.addresses import format_mailbox
from gatewright.settings.declare import UNBUILT, Unbuilt
from gatewright.settings.development import development_secret, remembered_port
from gatewright.settings.explain import refusal
from gatewright.settings.kernel import KernelSettings
from gatewright.settings.names import known_settings, variable
from gatewright.settings.strength import SECRET_BYTES, weakness

DEFAULT_PORT = 3000

# The parameter sets that OWASP calls equivalent all have a product of at least this (7 MiB, 5 passes).
_ARGON2_KIB_TIMES_PASSES = 35_840

_ADVICE = (
    "Production needs more settings than development. To try Gatewright on your own machine, set "
    "GATEWRIGHT_ENVIRONMENT=development."
)
_A_SECRET = (
    f"{SECRET_BYTES} random bytes or more, for example from: "
    'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The settings of a start, complete.

    Attributes:
        secrets: The first signs, all verify. At least one.
        public_url: Where the server is reached, without a slash at its end.
        issuer: `iss` of the tokens.
        audience: `aud` of the tokens.
        auto_migrate: Whether the start brings the database up to date.
        docs: Whether the document and its page are served.
        mail_url: How mails leave.
        mail_from: What their header `From` says.
        app_name: What mails and pages call the service.
        notices: Notes that the start prints.
    """

    secrets: tuple[bytes, ...] = field(repr=False)
    public_url: str
    issuer: str
    audience: str
    auto_migrate: bool
    docs: bool
    mail_url: str = field(repr=False)
    mail_from: str
    app_name: str
    notices: tuple[str, ...]


def prepare(settings: KernelSettings, *, port: int | None = None, has_own_sender: bool = False) -> Prepared:
    """Refuse unsafe settings, and fill in what they leave open.

    In development without a secret, one is made and kept in `.gatewright/secret`.

    Args:
        settings: As they were read.
        port: Where the server listens, for the public URL in development; None while that is not known.
        has_own_sender: Whether mails leave by `Gatewright(mail_sender=…)`, and not as `MAIL_URL` says.

    Raises:
        SetupError: All that has to be changed first, each with the name of its variable.
    """
    unsafe = [] if settings.in_development else list(_unsafe(settings, has_own_sender=has_own_sender))
    problems = [*_not_built(settings), *_impossible(settings), *unsafe]
    if problems:
        raise refusal(problems, _ADVICE if unsafe else "")

    public_url = settings.public_url or _local_url(settings, port)
    issuer = settings.issuer or public_url
    return Prepared(
        secrets=_secrets(settings),
        public_url=public_url,
        issuer=issuer,
        audience=settings.audience or issuer,
        auto_migrate=_or_default(settings.auto_migrate, settings.in_development),
        docs=_or_default(settings.docs.enabled, settings.in_development),
        mail_url="inbox:" if settings.mail_url is None else settings.mail_url.get_secret_value(),
        mail_from=mail_from(settings),
        app_name=_app_name(settings),
        notices=tuple(_notices(settings)),
    )


def mail_from(settings: KernelSettings) -> str:
    """What the header `From` of mails says: `MAIL_FROM`, or no-reply at the public host."""
    return settings.mail_from or format_mailbox(_app_name(settings), f"no-reply@{_mail_domain(_host(settings))}")


def _app_name(settings: KernelSettings) -> str:
    return settings.mail.app_name or _host(settings)


def _host(settings: KernelSettings) -> str:
    return urlsplit(settings.public_url or "").hostname or "localhost"


def _mail_domain(host: str) -> str:
    """A host as the domain of an address: an IP address stands in brackets (RFC 5321 section 4.1.3)."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"


def _local_url(settings: KernelSettings, port: int | None) -> str:
    return f"http://localhost:{port or remembered_port(settings.folder) or DEFAULT_PORT}"


def _not_built(settings: KernelSettings) -> Iterator[str]:
    """Settings that ask for a protection that does not exist yet: the owner would rely on it."""
    for path in _unbuilt(settings, Unbuilt.STOPS):
        yield f"{variable(path)} is not built yet. Leave it out."


def _unbuilt(settings: KernelSettings, kind: Unbuilt) -> Iterator[tuple[str, ...]]:
    """The settings that are set, and that nothing reads yet."""
    for path, declared in known_settings(type(settings)).items():
        extra = declared.json_schema_extra
        if isinstance(extra, dict) and extra[UNBUILT] == kind and reduce(getattr, path, settings) != declared.default:
            yield path


def _impossible(settings: KernelSettings) -> Iterator[str]:
    """Settings that need a feature which is off."""
    if settings.registration == "invite" and not settings.has_feature("invitations"):
        yield "GATEWRIGHT_REGISTRATION=invite needs the feature invitations, which is off. Switch it on, or use closed."
    if settings.mail_link_base is None and not settings.has_feature("account_pages"):
        yield (
            "GATEWRIGHT_MAIL_LINK_BASE is missing, and the feature account_pages is off: links in mails would lead "
            "nowhere. Set it to your own pages, or switch the feature on."
        )


def _unsafe(settings: KernelSettings, *, has_own_sender: bool) -> Iterator[str]:
    yield from _unsafe_secrets(settings)
    for name, client in settings.clients.items():
        if (weak := weakness(client.secret.get_secret_value())) is not None:
            yield f"GATEWRIGHT_CLIENTS__{name.upper()}__SECRET {weak}. Set it to {_A_SECRET}"
    if settings.public_url is None:
        yield "GATEWRIGHT_PUBLIC_URL is missing. Set it to the URL of this server, such as https://example.com."
    elif not settings.public_url.startswith("https://"):
        yield "GATEWRIGHT_PUBLIC_URL begins with http:, so passwords would travel unencrypted. Set it to https."
    if not has_own_sender:
        yield from _unsafe_mail(settings)
    if settings.mail_link_base is not None and not settings.mail_link_base.startswith("https://"):
        yield (
            "GATEWRIGHT_MAIL_LINK_BASE begins with http:, so tokens in mailed links would travel unencrypted. Set it "
            "to https."
        )
    if "*" in settings.cors_origins:
        yield "GATEWRIGHT_CORS_ORIGINS contains *, so any site could act for a user. List the origins."
    if settings.argon2.memory_kib * settings.argon2.iterations < _ARGON2_KIB_TIMES_PASSES:
        yield (
            "GATEWRIGHT_ARGON2__MEMORY_KIB and GATEWRIGHT_ARGON2__ITERATIONS make hashes too cheap to attack. Set them "
            f"so that their product is at least {_ARGON2_KIB_TIMES_PASSES}."
        )
    for section in settings.sections():
        yield from section.unsafe()


def _unsafe_mail(settings: KernelSettings) -> Iterator[str]:
    advice = "Set it to your mail server, such as smtp://USER:PASSWORD@HOST:587."
    if settings.mail_url is None:
        yield f"GATEWRIGHT_MAIL_URL is missing, so no user could reset a password. {advice}"
        return
    for scheme, place in (("console:", "the log"), ("inbox:", "a folder of this machine")):
        if settings.mail_url.get_secret_value().startswith(scheme):
            yield f"GATEWRIGHT_MAIL_URL={scheme} keeps mails and their links in {place} and sends none. {advice}"


def _unsafe_secrets(settings: KernelSettings) -> Iterator[str]:
    if not settings.secret:
        yield f"GATEWRIGHT_SECRET is missing. Set it to {_A_SECRET}"
    for number, secret in enumerate(settings.secret, start=1):
        if (weak := weakness(secret.get_secret_value())) is not None:
            which = "" if len(settings.secret) == 1 else f", secret {number} of {len(settings.secret)},"
            yield f"GATEWRIGHT_SECRET{which} {weak}. Set it to {_A_SECRET}"


def _secrets(settings: KernelSettings) -> tuple[bytes, ...]:
    given = [secret.get_secret_value() for secret in settings.secret]
    return tuple(secret.encode() for secret in given or [development_secret(settings.folder)])


def _or_default(value: bool | None, default: bool) -> bool:
    return default if value is None else value


def _notices(settings: KernelSettings) -> Iterator[str]:
    if not settings.rate_limit_enabled and not settings.in_development:
        yield "GATEWRIGHT_RATE_LIMIT_ENABLED is off. Limit logins at the proxy in front of this server."
    for path in _unbuilt(settings, Unbuilt.WARNS):
        yield f"{variable(path)} has no effect yet."
