"""How the URL of a PostgreSQL server is read, as hosts hand it out: for libpq, Prisma, node-postgres or JDBC.

What its parameters ask for is translated, left out with a line in the log, or refused by name. None of them reaches
the server as a setting.

Every function raises ValueError with a sentence that begins with "should", and that holds no part of a password.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

from gatewright.settings.database_urls import KINDS, POSTGRESQL_SCHEMES, read_seconds, refuse_parameter

_ESCAPES = (
    "should percent-encode special characters of the user name and password: @ as %40, # as %23, / as %2F, ? as %3F, "
    "[ as %5B"
)
_YES, _NO = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
_FILES = frozenset({"sslrootcert", "sslcert", "sslkey", "sslcrl"})
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_FOR_THE_DRIVER = frozenset(
    "host port user password dbname database passfile service sslcert sslkey sslpassword sslcrl sslnegotiation "
    "ssl_min_protocol_version ssl_max_protocol_version target_session_attrs krbsrvname gsslib application_name "
    "options".split()
)
"""What asyncpg reads as libpq does. It sends the last two to the server, as libpq does as well."""

_WITHOUT_EFFECT = frozenset(
    # Of libpq. Nothing is encrypted or checked less for want of these.
    "keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout load_balance_hosts "
    "sslcompression sslsni gssdelegation "
    # Of Prisma, Rails, Django, node-postgres, SQLAlchemy and Supabase.
    "connection_limit pool_timeout socket_timeout pool pool_size max_overflow pool_recycle pool_pre_ping "
    "pool_max_conns pool_min_conns conn_max_age conn_health_checks reconnect reaping_frequency uselibpqcompat supa "
    "workaround".split()
)


@dataclass(frozen=True, slots=True)
class PostgresqlUrl:
    """The data of a PostgreSQL server in a URL.

    Attributes:
        for_driver: The URL with those parameters that the driver reads.
        connect_seconds: How long opening a connection may take; None when the URL does not say.
        pgbouncer: Whether a pooler in transaction mode is in between; None when the URL does not say.
        checks_with_system: Whether the server's certificate has to be one that the system's authorities vouch for.
        files: The files of certificates and keys, by the parameters that name them.
        client_certificate: File, key and the key's password, where the system's authorities are asked.
        has_options: Whether settings go to the server in `options`, which a pooler refuses.
        left_out: The parameters that have no effect here.
    """

    for_driver: str = field(repr=False)
    connect_seconds: float | None = None
    pgbouncer: bool | None = None
    checks_with_system: bool = False
    files: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    client_certificate: tuple[str, str | None, str | None] | None = field(default=None, repr=False)
    has_options: bool = False
    left_out: tuple[str, ...] = ()


def read_postgresql_url(url: str) -> PostgresqlUrl:
    """Read `postgresql://USER:PASSWORD@HOST:PORT/NAME`, with the parameters that hosts hand out.

    Raises:
        ValueError: It cannot be read, or has a parameter that cannot be respected.
    """
    parts = _split(url)
    found = _Parameters()
    for name, value in _parameters(parts):
        found.read(name, value)
    found.resolve_ssl()
    if found.pgbouncer and "options" in found.kept:
        raise ValueError(refuse_parameter("options", "A pooler refuses it; set it on the role: ALTER ROLE name SET …"))
    query = urlencode(found.for_driver, quote_via=quote)
    return PostgresqlUrl(
        for_driver=f"postgresql://{parts.netloc}{parts.path}" + (f"?{query}" if query else ""),
        connect_seconds=found.connect_seconds,
        pgbouncer=found.pgbouncer,
        checks_with_system=found.checks_with_system,
        files=tuple((name, path) for name, path in found.kept.items() if name in _FILES),
        client_certificate=found.client_certificate,
        has_options="options" in found.kept,
        left_out=tuple(sorted(found.left_out)),
    )


def _split(url: str) -> SplitResult:
    scheme, separator, rest = url.strip().partition("://")
    if scheme.lower() not in POSTGRESQL_SCHEMES or not separator or not rest:
        raise ValueError(KINDS)
    if re.search(r"[\x00-\x1f\x7f#]", rest):
        raise ValueError(_ESCAPES)
    try:
        parts = urlsplit(f"postgresql://{rest}")
    except ValueError:
        # A bracket in the password. Without its text, which may quote some of that.
        raise ValueError(_ESCAPES) from None
    if not _is_plain(parts):
        raise ValueError(_ESCAPES)
    return parts


def _is_plain(parts: SplitResult) -> bool:
    """Whether every character of a password was read as a part of it."""
    user, _, hosts = parts.netloc.rpartition("@")
    ports = [re.sub(r"^(\[[^]]*\]|[^:]*)", "", host) for host in hosts.split(",")]
    return "@" not in user + parts.path and all(re.fullmatch("(:[0-9]{0,5})?", port) for port in ports)


def _parameters(parts: SplitResult) -> list[tuple[str, str]]:
    found = parse_qsl(parts.query, keep_blank_values=True)
    # With a question mark in the password, the rest of it is taken for a parameter, whose name must not be shown.
    if "@" in parts.query and any(name not in _KNOWN for name, _ in found):
        raise ValueError(_ESCAPES)
    return found


class _Parameters:
    """The parameters of a URL, sorted by how they are used."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.connect_seconds: float | None = None
        self.pgbouncer: bool | None = None
        self.checks_with_system = False
        self.verifies = False

    def read(self, name: str, value: str) -> None:
        """Take one parameter."""
        if (translate := _TRANSLATED.get(name)) is not None:
            translate(self, name, value)
        elif name in _FOR_THE_DRIVER:
            self.kept[name] = value
        elif name in _WITHOUT_EFFECT:
            self.left_out.add(name)
        else:
            raise ValueError(refuse_parameter(name, "Remove it, or set it on the role: ALTER ROLE name SET …"))

    def resolve_ssl(self) -> None:
        """Combine the parameters that decide how the server's certificate is checked."""
        if self.verifies and "sslmode" not in self.kept:
            self.kept["sslmode"] = "verify-full"
            self.checks_with_system |= "sslrootcert" not in self.kept
        if self.checks_with_system and self.kept.get("sslmode", "verify-full") != "verify-full":
            raise ValueError("should have sslmode=verify-full with sslrootcert=system, as libpq requires")

    @property
    def for_driver(self) -> dict[str, str]:
        """What the driver is given."""
        ours = {"sslmode", "sslcert", "sslkey", "sslpassword"} if self.checks_with_system else set()
        return {name: value for name, value in self.kept.items() if name not in ours}

    @property
    def client_certificate(self) -> tuple[str, str | None, str | None] | None:
        """Certificate, key and the key's password, where the driver does not read them."""
        if not self.checks_with_system or "sslcert" not in self.kept:
            return None
        return self.kept["sslcert"], self.kept.get("sslkey"), self.kept.get("sslpassword")


def _read_ssl_mode(found: _Parameters, name: str, value: str) -> None:
    mode = "require" if value == "no-verify" else value  # node-postgres
    if mode not in _SSL_MODES:
        raise ValueError(f"should have {name} as one of {', '.join(_SSL_MODES)}")
    found.kept["sslmode"] = mode


def _read_ssl(found: _Parameters, name: str, value: str) -> None:
    # Where it comes from (node-postgres, JDBC, asyncpg), `true` checks the server's certificate.
    if value.lower() in _YES:
        found.verifies = True
    elif "sslmode" not in found.kept:
        _read_ssl_mode(found, name, "disable" if value.lower() in _NO else value)


def _read_ssl_root(found: _Parameters, name: str, value: str) -> None:
    found.checks_with_system = value == "system"
    if value != "system":
        found.kept[name] = value


def _read_ssl_accept(found: _Parameters, name: str, value: str) -> None:
    if value not in {"strict", "accept_invalid_certs"}:
        raise ValueError(f"should have {name} as strict or accept_invalid_certs")
    found.verifies |= value == "strict"


def _read_require_ssl(found: _Parameters, _: str, value: str) -> None:
    if value == "1":
        found.kept.setdefault("sslmode", "require")


def _read_connect_timeout(found: _Parameters, name: str, value: str) -> None:
    # 0 is libpq's "for ever", which no request can wait for: the usual time then.
    found.connect_seconds = read_seconds(name, value) or None


def _read_pgbouncer(found: _Parameters, name: str, value: str) -> None:
    if value.lower() not in _YES | _NO:
        raise ValueError(f"should have {name} as true or false")
    found.pgbouncer = value.lower() in _YES


def _read_prepared_statements(found: _Parameters, name: str, value: str) -> None:
    # Off, they are other libraries' switch for the same poolers.
    if value.lower() in _NO and found.pgbouncer is None:
        found.pgbouncer = True
    else:
        found.left_out.add(name)


def _read_gss(found: _Parameters, name: str, value: str) -> None:
    if value == "require":
        raise ValueError(refuse_parameter(name, "The driver does not encrypt with GSSAPI; use sslmode=verify-full"))
    found.left_out.add(name)


def _leave_out(found: _Parameters, name: str, _: str) -> None:
    found.left_out.add(name)


def _read_schema(found: _Parameters, name: str, value: str) -> None:
    if value != "public":
        raise ValueError(refuse_parameter(name, "Set it on the role: ALTER ROLE name SET search_path = …"))
    found.left_out.add(name)


def _read_encoding(found: _Parameters, name: str, value: str) -> None:
    if value.lower().replace("-", "").replace("_", "") not in {"utf8", "utf8mb4", "unicode", "auto"}:
        raise ValueError(f"should have {name} as utf8")
    found.left_out.add(name)


def _read_application_name(found: _Parameters, _: str, value: str) -> None:
    found.kept.setdefault("application_name", value)


_TRANSLATED: dict[str, Callable[[_Parameters, str, str], None]] = {
    "sslmode": _read_ssl_mode,
    "ssl": _read_ssl,
    "sslrootcert": _read_ssl_root,
    "sslaccept": _read_ssl_accept,
    "requiressl": _read_require_ssl,
    "connect_timeout": _read_connect_timeout,
    "pgbouncer": _read_pgbouncer,
    "statement_cache_size": _read_prepared_statements,
    "prepared_statement_cache_size": _read_prepared_statements,
    "prepared_statements": _read_prepared_statements,
    "prepareThreshold": _read_prepared_statements,
    "channel_binding": _leave_out,
    "gssencmode": _read_gss,
    "schema": _read_schema,
    "currentSchema": _read_schema,
    "search_path": _read_schema,
    "client_encoding": _read_encoding,
    "charset": _read_encoding,
    "encoding": _read_encoding,
    "fallback_application_name": _read_application_name,
}
_KNOWN = _FOR_THE_DRIVER | _WITHOUT_EFFECT | _TRANSLATED.keys()
