"""Refresh tokens: only ours are read, and every worker computes the same successor."""

from __future__ import annotations

import base64
import hmac
import itertools
import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.keys.ring import KeyRing, SigningKey
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.core.tokens.refresh_tokens import PresentedRefreshToken, RefreshTokens
from gatewright.core.vault import Vault, derive_key

OLD = b"an old secret of thirty-two bytes!!"
NEW = b"a new secret, also long enough, yes"
THIRD = b"and a third one, which is just as long"
START = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
SESSION = "k3v9x0q2m5n8b1c4z7a6s9d2"
TOKENS = RefreshTokens([NEW])
ISSUED = TOKENS.issue(SESSION, START)


def read(tokens: RefreshTokens, text: str) -> PresentedRefreshToken:
    token = tokens.read(text)
    assert token is not None
    return token


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.removeprefix("gwr_") + "==")


def text_of(payload: bytes, secret: bytes = NEW) -> str:
    """A token made by hand, as somebody who knows a secret could."""
    mac = hmac.digest(derive_key(secret, "refresh token: mac"), payload, "sha256")
    return "gwr_" + base64.urlsafe_b64encode(payload + mac).rstrip(b"=").decode()


def payload_of(version: int = 1, generation: int = 0, started: int = 0, session_id: bytes = SESSION.encode()) -> bytes:
    return struct.pack(">BII", version, generation, started) + b"r" * 32 + session_id


# Issuing and reading


@given(st.text(min_size=1, max_size=16), st.integers(0, 2**32 - 1))
def test_an_issued_token_is_read(session_id: str, seconds: int) -> None:
    """Session, start and first generation come out as they went in."""
    start = datetime.fromtimestamp(seconds, UTC)
    token = read(TOKENS, TOKENS.issue(session_id, start).text)

    assert (token.session_id, token.generation, token.started_at) == (session_id, 0, start)
    assert len(token.r) == 32


def test_the_row_of_a_new_session_is_found_by_its_token() -> None:
    """What `issue` gives the row is what `row_hashes` looks for."""
    assert TOKENS.row_hashes(read(TOKENS, ISSUED.text)) == (ISSUED.row_hash,)
    assert read(TOKENS, ISSUED.text).generation == ISSUED.generation


def test_no_two_sessions_share_their_random_part() -> None:
    """Not even for the same session id and start."""
    again = TOKENS.issue(SESSION, START)

    assert read(TOKENS, again.text).r != read(TOKENS, ISSUED.text).r
    assert again.row_hash != ISSUED.row_hash


def test_the_layout_is_the_documented_one() -> None:
    """Version, generation, start, r, session id and a MAC over all of it."""
    token = raw(ISSUED.text)
    r = read(TOKENS, ISSUED.text).r

    assert token[:-32] == struct.pack(">BII", 1, 0, int(START.timestamp())) + r + SESSION.encode()
    assert token[-32:] == hmac.digest(derive_key(NEW, "refresh token: mac"), token[:-32], "sha256")


@pytest.mark.parametrize("session_id", ["", "x" * 65, "é" * 33])
def test_a_session_id_has_a_size(session_id: str) -> None:
    """Empty and over-long ones are a mistake of the caller, not a token that cannot be read later."""
    with pytest.raises(ValueError, match="session id"):
        TOKENS.issue(session_id, START)


def test_the_longest_session_id_can_be_read() -> None:
    """64 bytes, which is more than any of our identifiers has."""
    assert read(TOKENS, TOKENS.issue("x" * 64, START).text).session_id == "x" * 64


def test_the_start_is_an_aware_date() -> None:
    """A naive date could mean any zone."""
    with pytest.raises(TypeError):
        TOKENS.issue(SESSION, START.replace(tzinfo=None))


def test_the_start_is_kept_in_whole_seconds() -> None:
    """Fractions are cut off, never rounded up into the future."""
    text = TOKENS.issue(SESSION, START + timedelta(microseconds=999_999)).text

    assert read(TOKENS, text).started_at == START


@pytest.mark.parametrize("none_at_all", [[], [b""], [NEW, b""]])
def test_a_secret_is_needed(none_at_all: list[bytes]) -> None:
    """An empty list or an empty secret does not make tokens that anybody can make."""
    with pytest.raises(ValueError, match="secret"):
        RefreshTokens(none_at_all)


# Refusing


def test_a_flip_of_any_bit_is_refused() -> None:
    """Version, generation, start, r, session and MAC: each bit is covered."""
    token = raw(ISSUED.text)
    for position, bit in itertools.product(range(len(token)), range(8)):
        changed = bytearray(token)
        changed[position] ^= 1 << bit
        assert TOKENS.read("gwr_" + base64.urlsafe_b64encode(changed).rstrip(b"=").decode()) is None


@given(st.data())
def test_a_mutated_text_is_refused(data: st.DataObject) -> None:
    """Replace, insert or remove anything: only the one text is read."""
    text = ISSUED.text
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    mutated = text[:start] + data.draw(st.text(st.characters(exclude_categories=()), max_size=9)) + text[end:]

    assert mutated == text or TOKENS.read(mutated) is None


def test_a_change_of_any_character_is_refused() -> None:
    """At every position, every other character of the alphabet, so that no stray bits are left."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for length in (22, 23, 24):  # the three ways in which base64 can end
        text = TOKENS.issue("x" * length, START).text
        for position, character in itertools.product((*range(10), *range(len(text) - 4, len(text))), alphabet):
            changed = text[:position] + character + text[position + 1 :]
            assert changed == text or TOKENS.read(changed) is None


def test_there_is_one_text_for_a_token() -> None:
    """Padding, white space, another prefix or alphabet, or a second token behind it are refused."""
    body = ISSUED.text.removeprefix("gwr_")
    texts = [f"{ISSUED.text}=", f"{ISSUED.text}==", f" {ISSUED.text}", f"{ISSUED.text}\n", f"gwr_{body[:8]} {body[8:]}"]

    for text in [
        *texts,
        body,
        f"GWR_{body}",
        f"gwr-{body}",
        f"gwr_{body}{body}",
        f"gwr_gwr_{body}",
        f"{ISSUED.text}\0",
    ]:
        assert TOKENS.read(text) is None


@given(st.text(st.characters(exclude_categories=()), max_size=250))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    """Surrogates, NUL, anything: never an exception."""
    assert TOKENS.read(text) is None
    assert TOKENS.read("gwr_" + text) is None


@pytest.mark.parametrize(
    "text", ["", "gwr_", "gwr_" + "A" * 1_000_000, "x" * 1_000_000, "gwr_é", "gwr_\ud800", "gwr_\0", "gwr_AA"]
)
def test_garbage_is_refused(text: str) -> None:
    """Empty, huge or not ASCII."""
    assert TOKENS.read(text) is None


@given(st.binary(max_size=140))
def test_any_bytes_are_refused(content: bytes) -> None:
    """Without the secret nobody makes a token, whatever its length."""
    assert TOKENS.read("gwr_" + base64.urlsafe_b64encode(content).rstrip(b"=").decode()) is None


def test_an_access_token_is_no_refresh_token() -> None:
    """A JWT in place of a refresh token is refused, with our prefix too."""
    keyring = KeyRing(SigningKey.generate("HS256"))

    class Clock:
        def now(self) -> datetime:
            return START

        def timestamp(self) -> float:
            return START.timestamp()

    tokens = AccessTokens(
        keyring, algorithm="HS256", issuer="i", audience="a", ttl=timedelta(minutes=15), clock=Clock()
    )
    access = tokens.issue(user_id="u", session_id=SESSION, role="USER", auth_time=START, amr=["pwd"])

    assert TOKENS.read(access) is None
    assert TOKENS.read("gwr_" + access) is None


def test_a_hand_made_token_is_read() -> None:
    """The refusals below are for what is wrong with them, not for how they are made."""
    assert read(TOKENS, text_of(payload_of(generation=7))).generation == 7


@pytest.mark.parametrize(
    "payload",
    [
        payload_of(version=0),
        payload_of(version=2),
        payload_of(version=255),
        payload_of(generation=2**31 - 1),
        payload_of(generation=2**32 - 1),
        payload_of(session_id=b""),
        payload_of(session_id=b"x" * 65),
        payload_of(session_id=b"\xff\xfe"),
        payload_of()[:40],
        b"\x01",
        b"",
    ],
)
def test_even_under_our_secret_only_our_layout_is_read(payload: bytes) -> None:
    """Another version, no session, no successor: not one of ours, and no error."""
    assert TOKENS.read(text_of(payload)) is None


def test_keys_for_other_purposes_make_no_tokens() -> None:
    """A MAC under the row's key, the secret itself, or the vault's key is refused."""
    payload = payload_of()
    for key in (derive_key(NEW, "refresh token: row hash"), NEW, derive_key(NEW, "vault: seal"), b""):
        mac = hmac.digest(key, payload, "sha256")
        assert TOKENS.read("gwr_" + base64.urlsafe_b64encode(payload + mac).rstrip(b"=").decode()) is None


# What a thief has


def test_the_database_alone_does_not_sign_in() -> None:
    """A row's hash shows neither r nor a MAC key, and is a keyed hash: r alone does not give it either."""
    r = read(TOKENS, ISSUED.text).r

    assert ISSUED.row_hash == text_of_hash(NEW, r)
    assert ISSUED.row_hash not in ISSUED.text
    assert base64.urlsafe_b64encode(r).rstrip(b"=").decode() not in ISSUED.row_hash
    assert TOKENS.read("gwr_" + ISSUED.row_hash) is None


def text_of_hash(secret: bytes, r: bytes) -> str:
    digest = hmac.digest(derive_key(secret, "refresh token: row hash"), r, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_the_secret_alone_does_not_sign_in() -> None:
    """With it and the session's id a MAC can be made, but the row is not found without r."""
    forged = read(TOKENS, text_of(payload_of(generation=5)))

    assert forged.session_id == SESSION
    assert not TOKENS.matches(forged, ISSUED.row_hash)
    assert ISSUED.row_hash not in TOKENS.row_hashes(forged)


def test_a_log_alone_does_not_sign_in() -> None:
    """A spent token with its generation advanced by hand lacks the MAC for it."""
    spent = raw(ISSUED.text)
    advanced = spent[:1] + struct.pack(">I", 1) + spent[5:]

    assert TOKENS.read("gwr_" + base64.urlsafe_b64encode(advanced).rstrip(b"=").decode()) is None


def test_a_repr_shows_neither_r_nor_keys_nor_tokens() -> None:
    """What is logged by mistake is no use to who reads it."""
    token = read(TOKENS, ISSUED.text)
    shown = f"{token!r} {ISSUED!r} {TOKENS!r} {TOKENS._keys!r}"

    assert SESSION in shown
    for secret in (token.r, NEW, derive_key(NEW, "refresh token: mac"), derive_key(NEW, "refresh token: row hash")):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert ISSUED.text not in shown


# Successors and several secrets


def test_a_successor_is_the_next_generation_of_the_same_session() -> None:
    """Same session, start and r: the row stays the same but for its generation."""
    token = read(TOKENS, ISSUED.text)
    following = read(TOKENS, TOKENS.successor(token))

    assert following == PresentedRefreshToken(SESSION, 1, START, token.r)
    assert TOKENS.row_hashes(following) == TOKENS.row_hashes(token)
    assert TOKENS.successor(following) != TOKENS.successor(token)


def test_two_tabs_get_the_same_successor() -> None:
    """Byte for byte, on any worker, whether it won the row or found it advanced."""
    elsewhere = RefreshTokens([NEW])
    token = read(TOKENS, ISSUED.text)

    assert TOKENS.successor(token) == elsewhere.successor(token, stored_hash=ISSUED.row_hash)


ORDERS = [list(order) for size in (1, 2, 3) for order in itertools.permutations([OLD, NEW, THIRD], size)]


@settings(deadline=None)
@given(st.sampled_from(ORDERS), st.sampled_from(ORDERS), st.sampled_from(ORDERS))
def test_workers_agree_during_a_rollout(issuing: list[bytes], winning: list[bytes], losing: list[bytes]) -> None:
    """Whatever order each worker lists the secrets in, the loser of a race returns the winner's bytes."""
    issuer, winner, loser = RefreshTokens(issuing), RefreshTokens(winning), RefreshTokens(losing)
    text = issuer.issue(SESSION, START).text
    won, lost = winner.read(text), loser.read(text)
    assert (won is not None, lost is not None) == (issuing[0] in winning, issuing[0] in losing)
    if won is None or lost is None:
        return

    written = winner.row_hashes(won)[0]
    if winning[0] in losing:
        assert loser.successor(lost, stored_hash=written) == winner.successor(won)
    else:
        assert not loser.matches(lost, written)


def test_a_row_of_any_listed_secret_is_found() -> None:
    """The hashes are those of each secret in its order, so a row written under the old one still matches."""
    both = RefreshTokens([NEW, OLD])
    issued = RefreshTokens([OLD]).issue(SESSION, START)
    token = read(both, issued.text)

    assert both.row_hashes(token) == (text_of_hash(NEW, token.r), text_of_hash(OLD, token.r))
    assert issued.row_hash == both.row_hashes(token)[1]
    assert both.matches(token, issued.row_hash)


def test_nobody_is_logged_out_by_a_new_secret() -> None:
    """Last in the list, then first, then alone after one refresh: the session goes on."""
    text = RefreshTokens([OLD]).issue(SESSION, START).text
    for secrets in ([OLD, NEW], [NEW, OLD], [NEW]):
        tokens = RefreshTokens(secrets)
        text = tokens.successor(read(tokens, text))

    assert read(RefreshTokens([NEW]), text).generation == 3


def test_a_removed_secret_reads_nothing() -> None:
    """Once the old secret has left the list, its tokens are refused before any work."""
    assert RefreshTokens([NEW]).read(RefreshTokens([OLD]).issue(SESSION, START).text) is None


@pytest.mark.parametrize("secret", [NEW, OLD, THIRD, b"none of the three"])
def test_every_secret_is_tried(monkeypatch: pytest.MonkeyPatch, secret: bytes) -> None:
    """The number of MACs depends on the list only, not on which secret made the token, nor on whether one did."""
    tokens, text = RefreshTokens([NEW, OLD, THIRD]), RefreshTokens([secret]).issue(SESSION, START).text
    compared, compare = [], hmac.compare_digest

    def counting(left: bytes, right: bytes) -> bool:
        compared.append(right)
        return compare(left, right)

    monkeypatch.setattr("gatewright.core.tokens.refresh_tokens.hmac.compare_digest", counting)
    tokens.read(text)

    assert len(compared) == 3


@pytest.mark.parametrize("stored", ["", "x", "gwr_", "é", "A" * 43, "A" * 10_000])
def test_a_row_that_is_not_the_tokens_gives_no_successor(stored: str) -> None:
    """A stored hash that matches none is a mistake of the caller, who asks `matches` first."""
    token = read(TOKENS, ISSUED.text)

    assert not TOKENS.matches(token, stored)
    with pytest.raises(ValueError, match="row"):
        TOKENS.successor(token, stored_hash=stored)


def test_the_vault_and_refresh_tokens_share_no_key() -> None:
    """A sealed value and a token made under one secret have nothing in common."""
    sealed = Vault([NEW]).seal(raw(ISSUED.text), purpose="refresh token: mac")

    assert TOKENS.read("gwr_" + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()) is None
