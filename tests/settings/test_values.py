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
    ("written", "kept"),
    [
        ("capacitor://localhost", "capacitor://localhost"),
        ("Capacitor://LocalHost/", "capacitor://localhost"),
        ("tauri://localhost", "tauri://localhost"),
        ("ionic://localhost", "ionic://localhost"),
        ("ionic://", "ionic://"),
        ("app://", "app://"),
        ("app://.", "app://."),
        ("app://-/", "app://-"),
        ("app://bundle:80", "app://bundle:80"),
        ("com.example.app://localhost", "com.example.app://localhost"),
        ("chrome-extension://abcdefghijklmnopabcdefghijklmnop/", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"),
        (
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
        ),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("https://XN--BCHER-KVA.example:443", "https://xn--bcher-kva.example"),
    ],
)
def test_apps_have_origins_too(written: str, kept: str) -> None:
    """Those of Capacitor, Tauri, Ionic, Electron and browser extensions; none has a port that goes without saying."""
    assert values.origins(written) == (kept,)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("null", "is null, which any page can send: serve the page by https"),
        ("NULL", "is null, which"),
        ("https://*.example.com", "contains *, but patterns are not supported: list each origin"),
        ("chrome-extension://*", "contains *"),
        ("https://example.com:*", "contains *"),
        ("https://Bücher.example:8443/", "is not ASCII: write https://xn--bcher-kva.example:8443, as browsers send it"),
        ("app://bücher", "is not ASCII: write its host in punycode"),
        ("https://ada:hush@bücher.example", "is not ASCII: write its host in punycode"),
        ("https://a\u202eb.example", "is not ASCII: write its host in punycode"),
        ("app.example.com", "has no scheme: begin with https://"),
        ("localhost:5173", "has no scheme: begin with https://"),
        ("https://a.example/path", "has a path: an origin ends with the host or the port"),
        ("https://a.example//", "has a path"),
        ("https://a.example?x", "has a path"),
        ("https://a.example/#x", "has a path"),
        ("capacitor://localhost/index.html", "has a path"),
        ("chrome-extension://abcdefghijklmnopabcdefghijklmnop/popup.html", "has a path"),
        ("file://", "begins with file:, whose pages send null"),
        ("data://text", "begins with data:, whose pages send null"),
        ("javascript://x/%0aalert(1)", "begins with javascript:"),
        ("wss://app.example.com", "begins with wss:, but browsers send the origin of the page"),
        ("https://", "is not in the form that browsers send"),
        ("https://ada:hush@app.example.com", "is not in the form that browsers send"),
        ("capacitor://ada@localhost", "is not in the form that browsers send"),
        ("https://app.example.com:99999", "is not in the form that browsers send"),
        ("https://app example.com", "is not in the form that browsers send"),
        ("https:\\\\app.example.com", "has no scheme"),
    ],
)
def test_what_is_no_origin_is_refused_with_what_to_write(written: str, reason: str) -> None:
    """Patterns and `null` would let in sites that nobody listed. The place in the list is named, and no secret."""
    with pytest.raises(ValueError, match="should be a list of origins") as caught:
        values.origins(["https://app.example.com", written])
    assert f"origin 2 {reason}" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_web_url_beyond_ascii_gets_its_other_form_named() -> None:
    """As the links in mails need it."""
    with pytest.raises(ValueError, match=r"; write its host as https://xn--bcher-kva\.example$"):
        values.web_url("https://bücher.example/path")


_BLOCK = "-----BEGIN PRIVATE KEY-----\nMIGHhush\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "one is empty. Leave the setting out"),
        ("  \n", "one is empty"),
        ([], "one is empty"),
        ([""], "one is empty"),
        ([_BLOCK, " "], "one is empty"),
        ({"keys": []}, "one is empty"),
        ('{"keys": []}', "one is empty"),
        ("[]", "one is empty"),
        ("-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----", "one is empty"),
        (f"{_BLOCK}\nhush\n{_BLOCK}", "there is text outside the PEM blocks"),
        (f"Bag Attributes: hush\n{_BLOCK}", "there is text outside the PEM blocks"),
        (f"{_BLOCK}\nhush", "there is text outside the PEM blocks"),
        (f"{_BLOCK},{_BLOCK}", "there is text outside the PEM blocks"),
        (_BLOCK[:40], "a PEM block lacks its beginning or end"),
        (_BLOCK[30:], "a PEM block lacks its beginning or end"),
        (f"{_BLOCK[:40]}\n{_BLOCK}", "a PEM block lacks its beginning or end"),
        (f"{_BLOCK}\n{_BLOCK[:40]}", "a PEM block lacks its beginning or end"),
        (_BLOCK.replace("END PRIVATE", "END PUBLIC"), "a PEM block lacks its beginning or end"),
        ("hush", "should be private keys in PEM"),
        (5, "should be private keys in PEM"),
    ],
)
def test_keys_that_would_be_passed_over_are_refused(written: object, reason: str) -> None:
    """An empty list would fall back to other keys in silence, and a cut block to fewer; no message shows a key."""
    with pytest.raises(ValueError, match="should be private keys") as caught:
        values.private_keys(written)
    assert reason in str(caught.value)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_keys_follow_each_other_in_one_text() -> None:
    """With blank lines between, on one line of a variable, and after the parameters that openssl writes."""
    parameters = "-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----"
    for written in (f"{_BLOCK}\n\n{_BLOCK}\n", f"{_BLOCK}\n{_BLOCK}".replace("\n", "\\n"), [parameters + _BLOCK] * 2):
        assert [key.get_secret_value() for key in values.private_keys(written)] == [_BLOCK] * 2


def test_proxies_are_addresses_or_ranges_or_a_unix_socket() -> None:
    """A single address is a network of one; a Unix socket has no address."""
    assert values.proxies("Unix, ::1") == ("unix", ip_network("::1"))
    assert values.proxies(["10.0.0.0/8", ip_network("::1/128")]) == (ip_network("10.0.0.0/8"), ip_network("::1"))
    for wrong in ("10.0.0.1/8", "localhost", "unix:", "/run/app.sock", "10.0.0.0/33", [5]):
        with pytest.raises(ValueError, match="should be a list of addresses"):
            values.proxies(wrong)


@pytest.mark.parametrize(
    "written", ["/done", "https://a.example/#x", "https://*.a.example", "javascript:alert(1)", "https://a.example/ x"]
)
def test_a_redirect_is_a_whole_url(written: str) -> None:
    """Redirects go to listed places only, so a list must not contain patterns or scripts."""
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


@pytest.mark.parametrize("read", [values.duration, values.words, values.proxies, values.origins, values.redirects])
def test_no_refusal_repeats_the_value(read: Callable[[Any], object]) -> None:
    """Somebody may paste a secret into the wrong variable."""
    with pytest.raises(ValueError, match="should be") as caught:
        read(["[hush hush", 7])
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None
