"""Durations, lists, URLs and networks, as people write them and as they mistype them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from gatewright.settings import values


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(900, 900), ("900", 900), ("15m", 900), ("7d", 604_800), ("10s", 10), ("1h30m", 5400), (" 2d1s ", 172_801)],
)
def test_a_duration_is_read_from_seconds_or_units(written: object, seconds: int) -> None:
    """Whole seconds, or days, hours, minutes and seconds in that order."""
    assert values.duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "m",
        "15 m",
        "15M",
        "1.5h",
        "-5m",
        "30m1h",
        "1w",
        "٣s",
        "999999999d999999999h",
        True,
        1.5,
        None,
        timedelta(milliseconds=5),
        "9" * 5000,
        10**30,
    ],
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    """No guessing: unknown units, signs, fractions and other digits are errors."""
    with pytest.raises(ValueError, match="should be whole seconds, or a duration"):
        values.duration(written)


@given(st.integers(min_value=0, max_value=10**9))
def test_a_spelled_duration_reads_back(seconds: int) -> None:
    """What messages and tables print can be pasted into a setting."""
    assert values.duration(values.spell_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["a,b", " a , b ,", '["a", "b"]', ["a", "b"], ("a", "b"), SecretStr("a,b")], ids=repr
)
def test_a_list_is_read_from_commas_json_or_a_sequence(written: object) -> None:
    """One list, however it comes."""
    assert values.words(written) == ("a", "b")


@pytest.mark.parametrize("written", ['["a"', '["a", 5]', '["a", ""]', ["a", None], 5, b"a", {"a": 1}], ids=repr)
def test_what_is_no_list_of_texts_is_refused(written: object) -> None:
    """Broken JSON, other things than texts, and empty items."""
    with pytest.raises(ValueError, match="should be a list"):
        values.words(written)


def test_broken_json_is_not_kept_in_the_error() -> None:
    """The decoder's own error would carry the whole text, which may be secret."""
    with pytest.raises(ValueError, match="should be a list") as caught:
        values.secrets('["hush')
    assert caught.value.__context__ is None
    assert "hush" not in repr(caught.value)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://Example.com/", "https://example.com"),
        ("https://example.com:443/auth/", "https://example.com/auth"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_a_web_url_is_kept_as_browsers_write_it(written: str, kept: str) -> None:
    """So that it equals the Origin header, and links can be built from it."""
    assert values.web_url(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.com",
        "ftp://example.com",
        "https://",
        "https://a:b@example.com",
        "https://a@example.com",
        "https://example.com?x",
        "https://example.com#x",
        "https://exa mple.com",
        "https://example.com:99999",
        "https://example.com:x",
        "https://bücher.example",
        "https://example.com\nX: y",
        "https:\\\\example.com",
        "https://example.com/a\nb",
        "https://example.com/ü",
        "https://exam_ple.com*",
        "https://[::1",
        "https://.example.com",
    ],
)
def test_what_is_no_web_url_is_refused(written: str) -> None:
    """A public URL with a password, a query or a strange host would end up in every mail."""
    with pytest.raises(ValueError, match="should be a URL such as"):
        values.web_url(written)


def test_origins_are_kept_as_browsers_send_them() -> None:
    """Lower case, no default port, no slash."""
    assert values.origins("https://App.example.com:443/, http://localhost:5173,*") == (
        "https://app.example.com",
        "http://localhost:5173",
        "*",
    )


@pytest.mark.parametrize(
    "written", ["null", "https://*.example.com", "https://a.example/path", "https://a.example?x", "app.example.com"]
)
def test_what_is_no_origin_is_refused(written: str) -> None:
    """Patterns and `null` would let in sites that nobody listed."""
    with pytest.raises(ValueError, match="should be a list of origins"):
        values.origins(written)


def test_networks_are_addresses_or_ranges() -> None:
    """A single address is a network of one."""
    assert values.networks(["10.0.0.0/8", ip_network("::1/128")]) == (ip_network("10.0.0.0/8"), ip_network("::1"))
    for wrong in ("10.0.0.1/8", "localhost", "10.0.0.0/33", [5]):
        with pytest.raises(ValueError, match="should be a list of addresses"):
            values.networks(wrong)


@pytest.mark.parametrize(
    "written", ["/done", "https://a.example/#x", "https://*.a.example", "javascript:alert(1)", "https://a.example/ x"]
)
def test_a_redirect_is_a_whole_url(written: str) -> None:
    """Redirects go to listed places only, so a list must not hold patterns or scripts."""
    assert values.redirects("https://a.example/done,myapp://done") == ("https://a.example/done", "myapp://done")
    with pytest.raises(ValueError, match="should be a list of whole URLs"):
        values.redirects([written])


@pytest.mark.parametrize("written", ["javascript://a.example/%0aalert(1)", "DATA://text/html,x", "file://host/x"])
def test_a_redirect_is_no_script_either_when_it_has_a_host(written: str) -> None:
    """What follows the host may be a script all the same."""
    with pytest.raises(ValueError, match="of pages and apps"):
        values.redirects([written])


@pytest.mark.parametrize("written", ["api", "/api/", "/", "//api", "/a b", "/api?", "/{x}"])
def test_an_api_prefix_begins_with_a_slash_and_ends_without(written: str) -> None:
    """Anything else would make routes with two slashes, or none."""
    assert values.api_prefix("") == ""
    assert values.api_prefix("/api/v1") == "/api/v1"
    with pytest.raises(ValueError, match="should be empty, or begin with a slash"):
        values.api_prefix(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("postgres://u:p@db/app", "postgresql://u:p@db/app"),
        ("postgresql://u:p@db:5433,db2/app?sslmode=require", "postgresql://u:p@db:5433,db2/app?sslmode=require"),
        ("sqlite:////var/lib/app.db", "sqlite:////var/lib/app.db"),
    ],
)
def test_a_database_url_is_kept_in_one_form(written: str, kept: str) -> None:
    """Hosting platforms still write postgres://."""
    assert values.database_url(SecretStr(written)).get_secret_value() == kept


def test_a_relative_sqlite_path_does_not_move_with_the_working_directory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later chdir must not open a second, empty database."""
    kept = values.database_url(SecretStr("sqlite:///app.db?timeout=5"))
    monkeypatch.chdir("/")
    assert kept.get_secret_value() == f"sqlite:///{folder / 'app.db'}?timeout=5"


@pytest.mark.parametrize(
    "written",
    [
        "postgresql+asyncpg://u:hush@db/app",
        "mysql://u:hush@db/app",
        "u:hush@db/app",
        "postgresql://",
        "sqlite://hush.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgresql:hush",
    ],
)
def test_another_database_is_refused_with_what_is_supported(written: str) -> None:
    """The refusal names the right forms, and never the URL, which has a password in it."""
    with pytest.raises(ValueError, match=r"sqlite:///path/to/file\.db") as caught:
        values.database_url(SecretStr(written))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("read", [values.duration, values.words, values.networks, values.origins, values.redirects])
def test_no_refusal_repeats_the_value(read: Callable[[Any], object]) -> None:
    """Somebody may paste a secret into the wrong variable."""
    with pytest.raises(ValueError, match="should be") as caught:
        read(["[hush hush", 7])
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None
