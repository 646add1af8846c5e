"""E-mail addresses: syntax without DNS, and a key that tells mailboxes apart."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import email_validator
import idna
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gatewright.addresses import (
    EmailAddress,
    InvalidAddress,
    address_key,
    bare_address,
    format_mailbox,
    parse_address,
    parse_mailbox,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=80)
LETTERS = st.characters(categories=["L", "M", "Nl", "So"])
LOCAL_PARTS = st.text(st.sampled_from("aA.-+'\u0301\u0345ß\u0131İ\u017fςΣﬁ\uff41") | LETTERS, min_size=1, max_size=8)
DOMAINS = st.sampled_from(["example.com", "bücher.example", "例え.jp", "straße.de", "home.local", "b.test"])
ADDRESSES = st.builds("{}@{}".format, LOCAL_PARTS, DOMAINS)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("user@example.com", "user@example.com"),
        ("  User@Example.COM ", "user@example.com"),
        ("\u3000user@example.com\u00a0", "user@example.com"),
        ("first.last+tag@example.co.uk", "first.last+tag@example.co.uk"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("someone@bücher.example", "someone@xn--bcher-kva.example"),
        ("someone@XN--BCHER-KVA.example", "someone@xn--bcher-kva.example"),
        ("ユーザー@例え.jp", "ユーザー@xn--r8jz45g.jp"),
        ("Straße@example.com", "strasse@example.com"),
        ("dev@app.test", "dev@app.test"),
        ("dev@App.TEST", "dev@app.test"),
        ("dev@printer.local", "dev@printer.local"),
        ("dev@app.localhost", "dev@app.localhost"),
        ("dev@app.example", "dev@app.example"),
        ("a@1.local", "a@1.local"),
    ],
)
def test_addresses_are_accepted_and_get_their_key(text: str, key: str) -> None:
    """The form as typed stays for mail; the key is folded."""
    assert parse_address(text) == EmailAddress(typed=text.strip(), key=key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "@",
        "user",
        "user@",
        "@example.com",
        "user@localhost",
        "user@test",
        "user@.test",
        "user@-.test",
        "user@com",
        "a@b@example.com",
        "user..name@example.com",
        ".user@example.com",
        "user.@example.com",
        "user name@example.com",
        "user@exam ple.com",
        "user@example..com",
        "user@example.com.",
        "user@-example.com",
        "user@exa_mple.com",
        '"user"@example.com',
        '"us er"@example.com',
        "user@[127.0.0.1]",
        "user@[IPv6:::1]",
        "user@127.0.0.1",
        "User <user@example.com>",
        "<user@example.com>",
        "user(comment)@example.com",
        "user@example.com, other@example.com",
        "mailto:user@example.com?subject=",
        "user@example.invalid",
        "user@hidden.onion",
        "user@xn--zzzzzz-.com",
        "\ud800@example.com",
        "user@\udfff.com",
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    """No quoting, IP addresses, names, comments or lists; a dot in the domain."""
    with pytest.raises(InvalidAddress):
        parse_address(text)


@pytest.mark.parametrize(
    "character", ["\r", "\n", "\r\n", "\x00", "\t", "\x0b", "\x1f", "\x7f", "\x85", "\u2028", "\u2029"]
)
@pytest.mark.parametrize(
    "place", ["{}user@example.com", "us{}er@example.com", "user@exam{}ple.com", "user@example.com{}"]
)
def test_nobody_writes_mail_headers_by_an_address(place: str, character: str) -> None:
    """Line breaks and control characters are refused anywhere, also at the ends, where spaces are dropped."""
    with pytest.raises(InvalidAddress):
        parse_address(place.format(character))


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u00a0"])
def test_invisible_and_reordering_characters_are_refused(character: str) -> None:
    """What would make an address look like another is refused."""
    with pytest.raises(InvalidAddress):
        parse_address(f"us{character}er@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "us\uff20er@example.com",
        "\uff20user@example.com",
        "\uff0euser@example.com",
        "us\uff1cer@example.com",
        "a\ufdfa@b.com",
    ],
)
def test_folding_does_not_make_what_would_be_refused(text: str) -> None:
    """Full-width signs that fold into @, a dot at the start, angle brackets or spaces."""
    with pytest.raises(InvalidAddress):
        parse_address(text)


def test_length_is_bounded_in_octets() -> None:
    """254 octets pass, 255 don't, as typed and as a key."""
    domain = ".".join(["d" * 59] * 4)
    assert len(parse_address("a" * 14 + "@" + domain).key) == 254
    for local in ("a" * 15, "ä" * 8):
        with pytest.raises(InvalidAddress):
            parse_address(f"{local}@{domain}")


def test_a_key_that_folding_makes_too_long_is_refused() -> None:
    """U+3326 takes three octets and folds to two characters of three each."""
    domain = ".".join(["d" * 59] * 3)
    with pytest.raises(InvalidAddress):
        parse_address("\u3326" * 24 + "@" + domain)


def test_endless_text_is_refused_before_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The validator's time grows with the text, so it never sees more than an address can have."""

    def validate_email(*_args: object, **_options: object) -> None:
        raise AssertionError

    monkeypatch.setattr(email_validator, "validate_email", validate_email)
    with pytest.raises(InvalidAddress):
        parse_address("a\u0315\u0327" * 20_000 + "@example.com")
    assert len(address_key("a\u0315\u0327" * 20_000 + "@example.com")) < 254


def test_the_refusal_does_not_repeat_the_text() -> None:
    """The text may go to a log; it was somebody's, or somebody's attack."""
    with pytest.raises(InvalidAddress) as refusal:
        parse_address("somebody\u200b@example.com")
    assert "somebody" not in str(refusal.value)
    assert refusal.value.__suppress_context__


@settings(deadline=None)
@given(ANY_TEXT | ADDRESSES)
@example("<>@<>.test")
@example('"@"@a.local')
@example("x<y@b.com>@c.test")
def test_no_text_raises_anything_but_invalid_address(text: str) -> None:
    """Whatever a client sends is an address or InvalidAddress, and always has a key of bounded length."""
    try:
        address = parse_address(text)
    except InvalidAddress:
        address = None
    key = address_key(text)
    assert key == address_key(text)
    assert len(key.encode()) <= 254
    assert ("@" in key) is (address is not None)


@settings(deadline=None)
@given(ADDRESSES)
@example("\u0345\u0301a@example.com")
@example("a\u0345\u0301@example.com")
@example("\u1e9e@straße.de")
def test_a_key_is_its_own_key(text: str) -> None:
    """Folding twice changes nothing, so a key may be looked up like an address."""
    try:
        key = parse_address(text).key
    except InvalidAddress:
        assume(False)
    assert parse_address(key).key == key
    assert address_key(text) == key


def test_every_letter_folds_for_good() -> None:
    """Each letter of the basic plane, with accents after it, is refused, or its key is stable."""
    for letter in filter(str.isalpha, map(chr, range(0x3400))):
        key = address_key(f"{letter}\u0345\u0301@example.com")
        assert "@" not in key or address_key(key) == key, ascii(letter)


@settings(deadline=None)
@given(ADDRESSES)
def test_variants_of_one_address_share_a_key(text: str) -> None:
    """Case, composed or decomposed accents, and surrounding spaces make no second account."""
    try:
        key = parse_address(text).key
    except InvalidAddress:
        assume(False)
    local, _, domain = text.strip().rpartition("@")
    variants = [
        f" {text}\u3000",
        f"{local}@{domain.upper()}" if domain.isascii() else text,
        unicodedata.normalize("NFD", local) + "@" + domain,
        unicodedata.normalize("NFC", local) + "@" + domain,
        local.casefold() + "@" + domain,
    ]
    for variant in variants:
        assert address_key(variant) in {key} or not _is_address(variant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("User@example.com", "uSER@EXAMPLE.com"),
        ("jose\u0301@example.com", "jos\u00e9@example.com"),
        ("\uff55\uff53\uff45\uff52@example.com", "user@example.com"),
        ("user@\uff45\uff58ample.com", "user@example.com"),
        ("user@example\u3002com", "user@example.com"),
        ("of\ufb01ce@example.com", "office@example.com"),
        ("STRASSE@example.com", "straße@example.com"),
        ("Μάρκος@example.com", "μάρκοσ@example.com"),
        ("user@BÜCHER.example", "user@bu\u0308cher.example"),
        ("mi\u212ae@example.com", "mike@example.com"),
    ],
)
def test_the_documented_foldings(one: str, other: str) -> None:
    """Case, accents, width, ligatures, sharp and final s, and forms of one domain."""
    assert parse_address(one).key == parse_address(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("first.last@gmail.com", "firstlast@gmail.com"),
        ("user+tag@example.com", "user@example.com"),
        ("user@example.com", "user@example.org"),
        ("user@strasse.de", "user@straße.de"),
        ("jose@example.com", "josé@example.com"),
        ("m\u0131ke@example.com", "mike@example.com"),
        ("\u0430dmin@example.com", "admin@example.com"),
        ("a.b@example.com", "a@b.example.com"),
        ("user@app.test", "user@app.local"),
        ("user@app.xxxx", "user@app.test"),
    ],
)
def test_different_mailboxes_stay_different(one: str, other: str) -> None:
    """Dots, tags, accents, look-alikes of another script, and domains that IDNA tells apart."""
    assert parse_address(one).key != parse_address(other).key


@settings(deadline=None)
@given(LOCAL_PARTS, DOMAINS, LOCAL_PARTS, DOMAINS)
def test_two_addresses_collide_only_by_the_documented_foldings(a: str, at: str, b: str, bt: str) -> None:
    """Equal keys mean equal folded local parts and equal A-labels, computed here independently."""
    assume(_is_address(f"{a}@{at}"))
    assume(_is_address(f"{b}@{bt}"))
    same_key = parse_address(f"{a}@{at}").key == parse_address(f"{b}@{bt}").key
    same_mailbox = _compatibility_folded(a) == _compatibility_folded(b) and _a_labels(at) == _a_labels(bt)
    assert same_key is same_mailbox


def test_text_that_is_no_address_keeps_keys_of_its_own() -> None:
    """Unknown text goes the way of an unknown address: a stable key, its own, that no address can have."""
    texts = ["", "nobody", "Nobody", "not-an-address:x", "user@example.com\n", "\ud800", "\ud801"]
    keys = {address_key(text) for text in texts}
    assert len(keys) == len(texts)
    for key in keys:
        assert not _is_address(key)


def test_neither_dns_nor_the_validator_is_loaded_before_it_is_needed() -> None:
    """Loading our module loads no validator, and parsing an address loads no DNS."""
    program = (
        "import sys, gatewright.addresses as addresses\n"
        "assert 'email_validator' not in sys.modules\n"
        "addresses.parse_address('user@example.com')\n"
        "assert 'dns' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_validators_own_defaults_do_not_reach_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that changes the library's defaults for its own use doesn't change what an account may be."""
    for name in ("ALLOW_QUOTED_LOCAL", "ALLOW_DOMAIN_LITERAL", "ALLOW_DISPLAY_NAME", "ALLOW_EMPTY_LOCAL"):
        monkeypatch.setattr(email_validator, name, True)
    monkeypatch.setattr(email_validator, "GLOBALLY_DELIVERABLE", False)
    for text in ('"a b"@example.com', "a@[127.0.0.1]", "A <a@example.com>", "@example.com", "a@b"):
        with pytest.raises(InvalidAddress):
            parse_address(text)


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except InvalidAddress:
        return False
    return True


def _compatibility_folded(local: str) -> str:
    """The Unicode Standard's compatibility caseless match (definition D146)."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", local.strip()).casefold())
    return unicodedata.normalize("NFKD", folded.casefold())


def _a_labels(domain: str) -> bytes:
    return idna.encode(domain, uts46=True)


@pytest.mark.parametrize(
    ("text", "name", "sendable"),
    [
        ("hello@example.com", "", "hello@example.com"),
        (" <hello@example.com> ", "", "hello@example.com"),
        ("Shop <Hello@BÜCHER.example>", "Shop", "Hello@xn--bcher-kva.example"),
        ("Shop, Inc. <hello@example.com>", "Shop, Inc.", "hello@example.com"),
        (r'"The \"Shop\", Inc." <hello@example.com>', 'The "Shop", Inc.', "hello@example.com"),
        ("名前 <名前@例え.jp>", "名前", "名前@xn--r8jz45g.jp"),
    ],
)
def test_a_mailbox_is_a_name_and_an_address(text: str, name: str, sendable: str) -> None:
    """What is written from both is read as the same again."""
    read, address = parse_mailbox(text)
    assert (read, address.sendable) == (name, sendable)
    written = format_mailbox(read, address.sendable)
    again, same = parse_mailbox(written)
    assert (again, same.sendable, bare_address(written)) == (name, sendable, sendable)


@pytest.mark.parametrize(
    "text",
    [
        "Shop",
        "Shop <>",
        "Shop <hello>",
        "Shop <hello@example.com",
        "Shop hello@example.com",
        "a@example.com, b@example.com",
        "a@example.com, B <b@example.com>",
        "A <a@example.com>, B <b@example.com>",
        "Shop <hello@example.com>\r\nBcc: all@example.com",
        "Shop\r\nBcc: all@example.com <hello@example.com>",
        "Shop\x00 <hello@example.com>",
        "=?utf-8?q?Shop?= <hello@example.com>",
        "hello@localhost",
        "hello@[192.0.2.1]",
    ],
)
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    """A list of them, a header of an attacker's, and whatever is no address anywhere else."""
    with pytest.raises(InvalidAddress):
        parse_mailbox(text)
