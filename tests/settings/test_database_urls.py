"""URLs of databases, as hosts, other libraries and people write them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatewright.settings.database_urls import read_sqlite_url, with_absolute_path
from gatewright.settings.postgresql_urls import read_postgresql_url

PLAIN = "postgresql://app:hush@db.example.com:5432/app"


@pytest.mark.parametrize(
    "parameters",
    [
        "sslmode=require&channel_binding=require",
        "gssencmode=disable",
        "gssencmode=prefer",
        "keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=5&tcp_user_timeout=1000",
        "connection_limit=5&pool_timeout=10&schema=public",
        "search_path=public&client_encoding=UTF8&charset=utf8",
        "pool_size=5&max_overflow=0&pool_pre_ping=true&conn_max_age=600",
        "supa=base-pooler.x&workaround=supabase-pooler.vercel",
        "load_balance_hosts=disable&sslcompression=0&sslsni=1",
        "prepareThreshold=5",
    ],
)
def test_what_has_no_effect_is_left_out_by_name_and_never_reaches_the_driver(parameters: str) -> None:
    """The driver would send what it does not know to the server, as a setting, and be refused."""
    read = read_postgresql_url(f"{PLAIN}?{parameters}")
    names = {each.partition("=")[0] for each in parameters.split("&")}
    assert set(read.left_out) == names - {"sslmode"}
    assert not any(name in read.for_driver for name in read.left_out)


@pytest.mark.parametrize(
    ("parameters", "for_driver"),
    [
        ("", ""),
        ("sslmode=verify-full&sslrootcert=/etc/ca.pem", "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"),
        ("sslmode=no-verify", "?sslmode=require"),
        ("ssl=require", "?sslmode=require"),
        ("ssl=false", "?sslmode=disable"),
        ("ssl=true&sslmode=require", "?sslmode=require"),
        ("sslmode=require&ssl=true", "?sslmode=require"),
        ("ssl=true&sslrootcert=ca.pem", "?sslrootcert=ca.pem&sslmode=verify-full"),
        ("requiressl=1", "?sslmode=require"),
        ("sslaccept=accept_invalid_certs&sslmode=require", "?sslmode=require"),
        ("host=/cloudsql/a:b:c&user=me@corp", "?host=%2Fcloudsql%2Fa%3Ab%3Ac&user=me%40corp"),
        ("target_session_attrs=read-write", "?target_session_attrs=read-write"),
        ("fallback_application_name=shop", "?application_name=shop"),
        ("application_name=web&fallback_application_name=shop", "?application_name=web"),
    ],
)
def test_what_the_driver_can_do_is_translated(parameters: str, for_driver: str) -> None:
    """In the words of libpq, which the driver knows."""
    assert read_postgresql_url(f"{PLAIN}?{parameters}").for_driver == PLAIN + for_driver


@pytest.mark.parametrize("parameters", ["sslrootcert=system", "sslmode=verify-full&sslrootcert=system", "ssl=true"])
def test_certificates_of_the_system_are_checked_by_a_context_of_our_own(parameters: str) -> None:
    """The driver would look for a file called `system`; and `ssl=true` means a checked certificate where it is used."""
    read = read_postgresql_url(f"{PLAIN}?{parameters}")
    assert read.checks_with_system
    assert read.for_driver == PLAIN


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
def test_certificates_of_the_system_go_with_the_strictest_mode_only(mode: str) -> None:
    """As libpq has it: every host on the internet has such a certificate."""
    with pytest.raises(ValueError, match="sslmode=verify-full"):
        read_postgresql_url(f"{PLAIN}?sslmode={mode}&sslrootcert=system")


@pytest.mark.parametrize(
    ("parameters", "pgbouncer"),
    [
        ("", None),
        ("pgbouncer=true", True),
        ("pgbouncer=1", True),
        ("pgbouncer=false", False),
        ("pgbouncer=true&connection_limit=1", True),
        ("statement_cache_size=0", True),
        ("prepared_statement_cache_size=0", True),
        ("prepareThreshold=0", True),
        ("prepared_statements=false", True),
        ("pgbouncer=false&prepareThreshold=0", False),
    ],
)
def test_a_pooler_is_named_as_prisma_does_and_as_others_do(parameters: str, pgbouncer: bool | None) -> None:
    """Switching prepared statements off is what other libraries do for the same poolers."""
    assert read_postgresql_url(f"{PLAIN}?{parameters}").pgbouncer is pgbouncer


def test_the_time_for_connecting_is_taken_over() -> None:
    """0 stands for ever in libpq, which a request cannot wait."""
    assert read_postgresql_url(f"{PLAIN}?connect_timeout=15").connect_seconds == 15
    assert read_postgresql_url(f"{PLAIN}?connect_timeout=0").connect_seconds is None


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("schema=shop", "schema.*ALTER ROLE"),
        ("currentSchema=shop", "currentSchema"),
        ("search_path=shop,public", "search_path"),
        ("gssencmode=require", "gssencmode"),
        ("statement_timeout=5000", "statement_timeout.*ALTER ROLE"),
        ("require_auth=scram-sha-256", "require_auth"),
        ("sslmod=verify-full", "sslmod"),
        ("sslidentity=client.p12", "sslidentity"),
        ("sslmode=strict", "sslmode.*verify-full"),
        ("sslmode=", "sslmode.*verify-full"),
        ("ssl=hush", "ssl "),
        ("sslaccept=maybe", "sslaccept"),
        ("connect_timeout=soon", "connect_timeout"),
        ("connect_timeout=-1", "connect_timeout"),
        ("connect_timeout=nan", "connect_timeout"),
        ("pgbouncer=maybe", "pgbouncer"),
        ("client_encoding=latin1", "client_encoding"),
        ("pgbouncer=true&options=-csearch_path%3Dshop", "options"),
    ],
)
def test_what_cannot_be_respected_is_refused_by_name(parameters: str, named: str) -> None:
    """Leaving it out would put tables elsewhere, or check less than was asked for. The value is never repeated."""
    with pytest.raises(ValueError, match=rf"^should.*{named}") as caught:
        read_postgresql_url(f"{PLAIN}?{parameters}")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "password",
    [
        *("hu@sh", "hu#sh", "hu/sh", "hu?sh", "hu[sh", "hu]sh", "hu@s:h@", "1/hush", "1?hush", "1?hush=hush", "hu\nsh"),
        *("hush?hush=1&hush", "hu?@sh", "hu/@sh", "@", "1/@", "?sslmode"),
    ],
)
def test_a_password_with_an_unescaped_character_gets_the_hint(password: str) -> None:
    """Nothing of the password is in it, although the rest of the URL was read as something else."""
    with pytest.raises(ValueError, match="percent-encode special characters") as caught:
        read_postgresql_url(f"postgresql://app:{password}@db.example.com/app")
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:h%40u%23s%2Fh@db/app",
        "postgres://app:a:b@db/app",
        "POSTGRESQL://app:100%25@[::1]:5432/app",
        "postgresql://app@a.example.com:5432,b.example.com:5433/app?target_session_attrs=primary",
        "postgresql:///app?host=/run/postgresql",
        "postgresql://%2Frun%2Fpostgresql/app",
        "postgresql://me%40corp:p@db/app?",
        "postgresql://db:/app?&",
    ],
)
def test_what_libpq_reads_is_read(url: str) -> None:
    """Hosts in brackets, several of them, sockets, and what is percent-encoded."""
    assert read_postgresql_url(url).for_driver.startswith("postgresql://")


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("sqlite:///app.db", "app.db"),
        ("sqlite:////var/lib/app.db", "/var/lib/app.db"),
        ("sqlite:///my%20shop/app.db", "my shop/app.db"),
        ("sqlite:///my shop/app.db", "my shop/app.db"),
        ("sqlite:///app.db?timeout=20", "app.db"),
        ("sqlite:///what%3F%23%25.db", "what?#%.db"),
        ("sqlite:///100%.db", "100%.db"),
        ("sqlite:///file:app.db?uri=true", "app.db"),
        ("sqlite:///file:/var/lib/app.db?mode=rwc&uri=true", "/var/lib/app.db"),
        ("sqlite:///file:///var/lib/my%20app.db?cache=private", "/var/lib/my app.db"),
        ("sqlite:///file://localhost/var/lib/app.db", "/var/lib/app.db"),
        ("SQLite:///app.db ", "app.db"),
        ("sqlite:///sch%C3%BCler.db", "schüler.db"),
    ],
)
def test_a_sqlite_url_names_one_file_however_often_it_is_read(written: str, path: str, clean_environment: None) -> None:
    """Settings keep the URL with an absolute path, and what is kept is read again where the file is opened."""
    expected = Path.cwd() / path
    kept = with_absolute_path(written)
    assert read_sqlite_url(written).path == read_sqlite_url(kept).path == expected
    assert with_absolute_path(kept) == kept


def test_a_sqlite_url_says_how_long_to_wait_for_a_lock() -> None:
    """As in SQLAlchemy, whose other parameters have no effect here."""
    read = read_sqlite_url("sqlite:///app.db?timeout=20&check_same_thread=false&connection_limit=1")
    assert (read.busy_seconds, read.left_out) == (20.0, ("check_same_thread", "connection_limit"))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("sqlite:///app.db?mode=ro", "mode"),
        ("sqlite:///app.db?mode=memory", "mode"),
        ("sqlite:///file:app.db?immutable=1", "immutable"),
        ("sqlite:///app.db?vfs=memdb", "vfs"),
        ("sqlite:///app.db?timeout=long", "timeout"),
        ("sqlite:///file::memory:?cache=shared", "in memory"),
        ("sqlite:///file:", "a file"),
        ("sqlite:///a%00b.db", "a file"),
        ("sqlite://app.db", re.escape("sqlite:///path")),
        ("sqlite:app.db", re.escape("sqlite:///path")),
    ],
)
def test_a_sqlite_url_that_means_something_else_is_refused(written: str, reason: str) -> None:
    """By the parameter's name, or with the right form."""
    with pytest.raises(ValueError, match=rf"^should.*{reason}"):
        read_sqlite_url(written)
