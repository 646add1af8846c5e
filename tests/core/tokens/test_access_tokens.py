"""Access tokens: what is issued, and that nothing else is accepted. Forgeries are made by hand."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import import_key

from gatewright.core.keys.ring import Algorithm, KeyRing, SigningKey
from gatewright.core.tokens.access_tokens import AccessTokens, InvalidToken
from gatewright.core.tokens.refresh_tokens import RefreshTokens
from gatewright.errors import SetupError

ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "EdDSA", "RS256", "HS256")
KEYS = {algorithm: SigningKey.generate(algorithm) for algorithm in ALGORITHMS}
KEY = KEYS["ES256"]
NOW = 1_800_000_000
ISSUER = "https://auth.example.com"
AUDIENCE = "https://api.example.com"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = float(NOW)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def timestamp(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def tokens(clock: HandClock) -> AccessTokens:
    return made(clock)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The messages whose signatures have been checked so far."""
    seen: list[bytes] = []
    verify = SigningKey.verify

    def noted(key: SigningKey, message: bytes, signature: bytes) -> bool:
        seen.append(message)
        return verify(key, message, signature)

    monkeypatch.setattr(SigningKey, "verify", noted)
    return seen


def made(
    clock: HandClock, keyring: KeyRing | None = None, algorithm: Algorithm = "ES256", **options: Any
) -> AccessTokens:
    return AccessTokens(
        keyring or KeyRing(KEYS[algorithm]),
        algorithm=algorithm,
        issuer=ISSUER,
        audience=AUDIENCE,
        ttl=timedelta(minutes=15),
        clock=clock,
        **options,
    )


def issued(tokens: AccessTokens) -> str:
    return tokens.issue(user_id="u1", session_id="s1", role="USER", auth_time=NOW - 60, amr=["pwd"])


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(segment: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(segment + "=="))


def header(**changes: Any) -> dict[str, Any]:
    return {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, **changes}


def claims(**changes: Any) -> dict[str, Any]:
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "client_id": "gatewright",
        "sub": "u1",
        "sid": "s1",
        "jti": "t1",
        "iat": NOW,
        "exp": NOW + 900,
        "auth_time": NOW,
        "amr": ["pwd"],
        "role": "USER",
        **changes,
    }


def es256(key: SigningKey = KEY) -> Callable[[bytes], bytes]:
    """A signer that is independent of the code under test."""
    d = json.loads(key.to_json())["d"]
    private = ec.derive_private_key(int.from_bytes(base64.urlsafe_b64decode(d + "=="), "big"), ec.SECP256R1())

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def signed(header: Any, claims: Any, sign: Callable[[bytes], bytes] | None = None) -> str:
    """A token of any header and claims (JSON values, or bytes as they are), signed by our own key unless said."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    message = ".".join(encoded(part) for part in parts)
    return f"{message}.{encoded((sign or es256())(message.encode()))}"


def refused(tokens: AccessTokens, token: str) -> None:
    with pytest.raises(InvalidToken) as caught:
        tokens.verify(token)
    assert str(caught.value) == InvalidToken.title


# What is issued


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_issued_token_is_accepted(clock: HandClock, algorithm: Algorithm) -> None:
    """Under each algorithm, what went in comes out."""
    tokens = made(clock, algorithm=algorithm)
    clock.seconds += 0.9
    found = tokens.verify(issued(tokens))

    assert (found.user_id, found.session_id, found.role) == ("u1", "s1", "USER")
    assert (found.issued_at, found.expires_at, found.auth_time) == (NOW, NOW + 900, NOW - 60)
    assert found.amr == ("pwd",)


def test_a_token_has_exactly_the_claims_of_the_contract(tokens: AccessTokens) -> None:
    """Header and claims as RFC 9068 section 2 and the contract say, and nothing personal besides."""
    head, payload, _ = issued(tokens).split(".")
    content = decoded(payload)

    assert decoded(head) == header()
    assert content == claims(jti=content["jti"], auth_time=NOW - 60)
    assert len(content["jti"]) >= 22


def test_each_token_has_an_identifier_of_its_own(tokens: AccessTokens) -> None:
    """Two tokens for one session in one second still differ."""
    assert tokens.verify(issued(tokens)).token_id != tokens.verify(issued(tokens)).token_id


def test_auth_time_may_be_a_date(tokens: AccessTokens) -> None:
    """An aware date becomes whole seconds; a naive one, which could mean any zone, is not taken."""
    moment = datetime(2026, 11, 23, 12, 0, 0, 999_999, tzinfo=UTC)
    token = tokens.issue(user_id="u", session_id="s", role="USER", auth_time=moment, amr=[])

    assert tokens.verify(token).auth_time == int(moment.timestamp())
    with pytest.raises(TypeError):
        tokens.issue(user_id="u", session_id="s", role="USER", auth_time=moment.replace(tzinfo=None), amr=[])


def test_claims_cannot_be_changed(tokens: AccessTokens) -> None:
    """The remembered claims are shared between requests, so nobody may raise the role in them."""
    found = tokens.verify(issued(tokens))

    with pytest.raises(FrozenInstanceError):
        found.role = "ADMIN"  # type: ignore[misc]


def test_a_hand_made_token_of_the_contract_is_accepted(tokens: AccessTokens) -> None:
    """The forgeries below fail for what is wrong with them, not for how they are made."""
    assert tokens.verify(signed(header(), claims())).user_id == "u1"


@pytest.mark.parametrize("typ", ["AT+JWT", "At+Jwt", "application/at+jwt", "Application/AT+JWT"])
def test_the_type_may_be_written_in_any_case(tokens: AccessTokens, typ: str) -> None:
    """Media types have no case, and the long form means the same (RFC 9068 section 4)."""
    assert tokens.verify(signed(header(typ=typ), claims())).user_id == "u1"


def test_the_refusal_is_the_one_of_the_contract(tokens: AccessTokens) -> None:
    """401 invalid_token with the header of RFC 6750, the same for every cause, and without a chained one."""
    with pytest.raises(InvalidToken) as caught:
        tokens.verify("rubbish")

    assert (caught.value.status, caught.value.code) == (401, "invalid_token")
    assert caught.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    assert caught.value.__suppress_context__


# Algorithms and keys


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 0, ["ES256"], {"ES256": 1}, "es256"])
def test_no_other_algorithm_is_accepted(tokens: AccessTokens, alg: Any) -> None:
    """`none` and whatever is not exactly the configured name is refused, signed or not."""
    refused(tokens, signed(header(alg=alg), claims()))
    refused(tokens, signed(header(alg=alg), claims(), lambda _: b""))


def test_a_token_without_an_algorithm_is_refused(tokens: AccessTokens) -> None:
    """A missing `alg` is not filled in."""
    refused(tokens, signed({"typ": "at+jwt", "kid": KEY.kid}, claims()))


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_the_public_key_is_not_an_hmac_secret(clock: HandClock, algorithm: Algorithm) -> None:
    """Key confusion: HS256 under the published key in its usual encodings, with either `alg` in the header."""
    tokens = made(clock, algorithm=algorithm)
    for secret in public_encodings(KEYS[algorithm]):
        for alg in ("HS256", algorithm):
            refused(tokens, signed(header(alg=alg, kid=KEYS[algorithm].kid), claims(), hs256(secret)))


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.digest(secret, message, "sha256")


def public_encodings(key: SigningKey) -> list[bytes]:
    jwk = key.public_jwk()
    assert jwk is not None
    native: Any = import_key(dict(jwk)).raw_value
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    pem, der = (native.public_bytes(kind, form) for kind in (serialization.Encoding.PEM, serialization.Encoding.DER))
    return [pem, pem.strip(), der, json.dumps(jwk).encode(), b"", b"\0" * 32]


@pytest.mark.parametrize("other", ["EdDSA", "RS256", "HS256"])
def test_a_key_of_the_ring_with_another_algorithm_does_not_count(clock: HandClock, other: Algorithm) -> None:
    """After a change of SIGNING_ALGORITHM only the new one is accepted, though the old key is still published."""
    tokens = made(clock, KeyRing(KEY, [KEYS[other]]))
    forged = header(alg=other, kid=KEYS[other].kid)

    refused(tokens, signed(forged, claims(), KEYS[other].sign))
    refused(tokens, signed({**forged, "alg": "ES256"}, claims(), KEYS[other].sign))
    refused(tokens, issued(made(clock, algorithm=other)))


def test_a_foreign_key_does_not_count(tokens: AccessTokens) -> None:
    """Neither under its own name, nor under ours, nor without one."""
    foreign = SigningKey.generate("ES256")
    names: list[Any] = [foreign.kid, KEY.kid, "", None, 1, [KEY.kid], {}, "../" + KEY.kid, "a" * 500]

    for kid in names:
        refused(tokens, signed(header(kid=kid), claims(), es256(foreign)))
    refused(tokens, signed({"alg": "ES256", "typ": "at+jwt"}, claims()))


def test_a_foreign_name_with_our_signature_does_not_count(tokens: AccessTokens) -> None:
    """The name has to be of our ring; there is no trying of all keys."""
    foreign: list[Any] = ["other", "", None, 1, [KEY.kid], KEY.kid + " "]
    for kid in foreign:
        refused(tokens, signed(header(kid=kid), claims()))


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"jwk": KEY.public_jwk()},
        {"x5c": ["MIIB"]},
        {"x5t": "abc"},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"b64": True},
        {"b64": False},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"cty": "JWT"},
    ],
)
def test_a_header_that_brings_more_is_refused(tokens: AccessTokens, extra: dict[str, Any]) -> None:
    """No key, certificate, address, extension or compression from the header, even under our signature."""
    refused(tokens, signed(header(**extra), claims()))


def test_a_key_in_the_header_is_not_used(tokens: AccessTokens) -> None:
    """A token that brings the very key it was signed with is refused."""
    foreign = SigningKey.generate("ES256")

    refused(tokens, signed(header(jwk=foreign.public_jwk()), claims(), es256(foreign)))
    refused(tokens, signed(header(jwk=foreign.public_jwk(), kid=foreign.kid), claims(), es256(foreign)))


@pytest.mark.parametrize(
    "typ", ["JWT", "jwt", "", None, 1, "mfa+jwt", "at+jwt ", "dpop+jwt", "application/jwt", ["at+jwt"]]
)
def test_another_type_is_refused(tokens: AccessTokens, typ: Any) -> None:
    """An ID, MFA or mail token, or one without a type, is no access token (RFC 8725 section 3.11)."""
    refused(tokens, signed(header(typ=typ), claims()))


def test_a_token_without_a_type_is_refused(tokens: AccessTokens) -> None:
    """A missing `typ` is not filled in."""
    refused(tokens, signed({"alg": "ES256", "kid": KEY.kid}, claims()))


def test_a_refresh_token_is_no_bearer(tokens: AccessTokens) -> None:
    """Not as it is, and not with dots put in."""
    refresh = RefreshTokens([b"s" * 32]).issue("s1", datetime.fromtimestamp(NOW, UTC)).text

    refused(tokens, refresh)
    refused(tokens, f"{refresh[:40]}.{refresh[40:80]}.{refresh[80:]}")


# Claims


@pytest.mark.parametrize("name", sorted(claims()))
def test_every_claim_is_required(tokens: AccessTokens, name: str) -> None:
    """A missing claim is refused, `exp` above all."""
    some = claims()
    del some[name]

    refused(tokens, signed(header(), some))
    refused(tokens, signed(header(), claims(**{name: None})))


@pytest.mark.parametrize("name", ["iss", "aud", "client_id"])
def test_issuer_and_audience_are_compared_as_strings(tokens: AccessTokens, name: str) -> None:
    """Another value, and a list or an object that holds the right one, are refused."""
    right = claims()[name]
    for wrong in (right + "/", right.upper(), "", [right], [right, "x"], {right: 1}, 0, True, right[:-1], right + "\0"):
        refused(tokens, signed(header(), claims(**{name: wrong})))


@pytest.mark.parametrize("name", ["exp", "iat", "auth_time"])
@pytest.mark.parametrize(
    "wrong", [True, False, NOW + 0.5, f"{NOW}", [NOW], {}, -1, 10**12, 10**30, float("nan"), float("inf")]
)
def test_times_are_whole_seconds(tokens: AccessTokens, name: str, wrong: Any) -> None:
    """Booleans, fractions, texts, negative and absurd numbers are no times."""
    refused(tokens, signed(header(), claims(**{name: wrong})))


@pytest.mark.parametrize(
    "number", ["1e400", "1.8e9", "1800000900.0", "9" * 3000, "-Infinity", "0x6B49D200", "01800000900"]
)
def test_odd_spellings_of_numbers_are_no_times(tokens: AccessTokens, number: str) -> None:
    """What Python or JavaScript would take for a number, and the contract does not."""
    text = json.dumps(claims()).replace(str(NOW + 900), number).encode()

    assert number.encode() in text
    refused(tokens, signed(header(), text))


@pytest.mark.parametrize("constant", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_json_is_refused(tokens: AccessTokens, constant: float) -> None:
    """Python reads NaN and Infinity, JSON has neither; also in a claim that nobody looks at."""
    refused(tokens, signed(header(), claims(other=constant)))


@pytest.mark.parametrize("name", ["sub", "sid", "jti", "role"])
@pytest.mark.parametrize("wrong", ["", 1, True, ["u1"], {"id": "u1"}])
def test_names_are_texts(tokens: AccessTokens, name: str, wrong: Any) -> None:
    """An identifier that is no text, or an empty one, is refused."""
    refused(tokens, signed(header(), claims(**{name: wrong})))


@pytest.mark.parametrize("wrong", ["pwd", [1], [["pwd"]], {"pwd": 1}, [None], 1])
def test_amr_is_a_list_of_texts(tokens: AccessTokens, wrong: Any) -> None:
    """RFC 8176 section 1: an array of strings."""
    refused(tokens, signed(header(), claims(amr=wrong)))


def test_a_token_ends_in_its_last_second(tokens: AccessTokens, clock: HandClock) -> None:
    """One microsecond before `exp` it counts, at `exp` it does not: no leeway."""
    token = signed(header(), claims(exp=NOW + 1))
    clock.seconds = NOW + 1 - 1e-6
    tokens.verify(token)

    clock.seconds = NOW + 1
    refused(tokens, token)
    refused(tokens, signed(header(), claims(exp=NOW + 1)))


def test_a_token_from_the_future_is_refused(tokens: AccessTokens) -> None:
    """Clocks of two servers may differ by a minute, not by more; a begin of validity is honoured exactly."""
    tokens.verify(signed(header(), claims(iat=NOW + 60)))

    refused(tokens, signed(header(), claims(iat=NOW + 61)))
    refused(tokens, signed(header(), claims(nbf=NOW + 1)))
    refused(tokens, signed(header(), claims(nbf="now")))


def test_a_member_that_comes_twice_is_refused(tokens: AccessTokens) -> None:
    """Which of two roles counts would depend on the reader (RFC 8725 section 2.8, RFC 7519 section 4)."""
    twice = json.dumps(claims())[:-1].encode() + b', "role": "ADMIN"}'
    twice_named = json.dumps(header())[:-1].encode() + b', "alg": "ES256"}'

    refused(tokens, signed(header(), twice))
    refused(tokens, signed(twice_named, claims()))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_only_utf_8_is_read(tokens: AccessTokens, encoding: str) -> None:
    """JSON readers guess other encodings, RFC 8725 section 3.7 does not."""
    refused(tokens, signed(header(), json.dumps(claims()).encode(encoding)))
    refused(tokens, signed(json.dumps(header()).encode(encoding), claims()))


@pytest.mark.parametrize(
    "part", [b"", b"null", b"[]", b'"x"', b"1", b"\xff", b"{", b"[" * 2500, b'{"a":' * 400, b"NaN"]
)
def test_parts_that_are_no_objects_are_refused(tokens: AccessTokens, part: bytes) -> None:
    """Also such that would exhaust a JSON reader's stack."""
    refused(tokens, signed(part, claims()))
    refused(tokens, signed(header(), part))


# Form


def test_only_the_compact_form_is_read(tokens: AccessTokens) -> None:
    """The JSON forms of RFC 7515 section 7.2, also with empty signatures, are not tokens."""
    head, payload, signature = issued(tokens).split(".")
    flat = {"protected": head, "payload": payload, "signature": signature}

    refused(tokens, json.dumps(flat))
    refused(tokens, json.dumps({"payload": payload, "signatures": [{"protected": head, "signature": signature}]}))
    refused(tokens, json.dumps({"payload": payload, "signatures": []}))


def test_parts_left_out_or_added_are_refused(tokens: AccessTokens) -> None:
    """Three parts, none of them empty."""
    token = issued(tokens)
    head, payload, signature = token.split(".")
    forms = [
        f"{head}.{payload}",
        f"{head}.{payload}.",
        f"{head}..{signature}",
        f".{payload}.{signature}",
        "..",
        ".",
        "",
    ]

    for form in [*forms, f"{token}.", f"{token}.{signature}", f".{token}", f"{head}{payload}{signature}"]:
        refused(tokens, form)


def test_there_is_one_text_for_a_token(tokens: AccessTokens) -> None:
    """Padding, white space, the plain base64 alphabet, and stray bits at the end of a part are refused."""
    token = issued(tokens)
    head, payload, signature = token.split(".")
    stray = chr(ord(signature[-1]) + 1)  # a 64-byte signature leaves four bits of its last character unused
    tidy = [
        f" {token}",
        f"{token}\n",
        f"{token}==",
        f"{head}.{payload}.{signature[:-1]}{stray}",
        f"{head} .{payload}.{signature}",
    ]

    for text in [*tidy, f"Bearer {token}", f"{token}\0", f"{head}=.{payload}.{signature}"]:
        refused(tokens, text)


@pytest.mark.parametrize(
    "garbage",
    ["a" * 1_000_000, "." * 1_000_000, "é.é.é", "\0", "\ud800.\udfff.\ud800", "a.b.c", "💥", "e30.e30.e30", "٣.٣.٣"],
)
def test_garbage_is_an_invalid_token(tokens: AccessTokens, garbage: str) -> None:
    """Huge, not ASCII, not text at all: always the same refusal."""
    refused(tokens, garbage)


def test_a_token_over_four_kibibytes_is_refused(tokens: AccessTokens) -> None:
    """Its signature is ours, but nobody has to look at so much."""
    refused(tokens, signed(header(), claims(role="x" * 3000)))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_change_of_any_character_is_refused(clock: HandClock, algorithm: Algorithm) -> None:
    """Every position of a good token, each with one bit of the character flipped."""
    tokens = made(clock, algorithm=algorithm)
    token = issued(tokens)

    for position, character in enumerate(token):
        refused(tokens, token[:position] + chr(ord(character) ^ (1 << position % 7)) + token[position + 1 :])


FUZZED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FUZZED
@given(st.data())
def test_a_mutated_token_is_refused(tokens: AccessTokens, data: st.DataObject) -> None:
    """Replace, insert, remove, swap or repeat anything in a good token: it is good no more."""
    token = issued(tokens)
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, len(token)))
    mutated = token[:start] + data.draw(st.text(st.characters(exclude_categories=()), max_size=9)) + token[end:]

    if mutated != token:
        refused(tokens, mutated)


@FUZZED
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_is_refused_in_the_same_way(tokens: AccessTokens, text: str) -> None:
    """No text at all makes another error."""
    refused(tokens, text)
    refused(tokens, ".".join([text[:20], text[20:40], text[40:]]))


@FUZZED
@given(name=st.sampled_from(sorted(claims())), value=ANY_JSON)
def test_any_claim_is_of_its_type_or_refused(tokens: AccessTokens, name: str, value: Any) -> None:
    """Under our own signature, a claim of any JSON value is either what it should be, or refused."""
    try:
        found = tokens.verify(signed(header(), claims(**{name: value})))
    except InvalidToken:
        return
    assert all(type(text) is str and text for text in (found.user_id, found.session_id, found.role, found.token_id))
    assert all(type(time) is int for time in (found.issued_at, found.expires_at, found.auth_time))
    assert type(found.amr) is tuple


@FUZZED
@given(ANY_JSON, ANY_JSON)
def test_any_header_and_payload_are_refused(tokens: AccessTokens, head: Any, payload: Any) -> None:
    """Under our own signature, parts of any JSON values are refused, and nothing else happens."""
    refused(tokens, signed(head, claims()))
    refused(tokens, signed(header(), payload))


# Remembering


def test_a_signature_is_checked_once(tokens: AccessTokens, checks: list[bytes]) -> None:
    """The second request with a token finds what the first one found."""
    token = issued(tokens)

    assert tokens.verify(token) is tokens.verify(token)
    assert len(checks) == 1


def test_a_remembered_token_still_expires(tokens: AccessTokens, clock: HandClock) -> None:
    """Being remembered does not make a token last longer."""
    token = issued(tokens)
    tokens.verify(token)
    clock.seconds += 900

    refused(tokens, token)


def test_a_refused_token_is_not_remembered(tokens: AccessTokens, checks: list[bytes]) -> None:
    """A bad or expired one is looked at anew each time and takes no room."""
    bad, expired = signed(header(), claims(), lambda _: b"x" * 64), signed(header(), claims(exp=NOW))
    for token in (bad, bad, expired, expired):
        refused(tokens, token)

    assert len(checks) == 4


def test_a_changed_token_does_not_find_a_remembered_one(tokens: AccessTokens) -> None:
    """The whole token is the key to the memory, the signature included."""
    token = issued(tokens)
    tokens.verify(token)

    refused(tokens, token[:-6] + "AAAAAA")
    refused(tokens, ".".join([*token.split(".")[:2], ""]))


def test_the_memory_is_bounded(clock: HandClock, checks: list[bytes]) -> None:
    """The oldest are forgotten, which costs a second check and nothing else."""
    tokens = made(clock, remember=2)
    first, second, third = (issued(tokens) for _ in range(3))
    for token in (first, second, third, second, third):
        tokens.verify(token)
    assert len(checks) == 3

    tokens.verify(first)
    assert len(checks) == 4


def test_nothing_is_remembered_when_there_is_no_room(clock: HandClock, checks: list[bytes]) -> None:
    """A size of nought switches the memory off."""
    tokens = made(clock, remember=0)
    token = issued(tokens)
    for _ in range(2):
        tokens.verify(token)

    assert len(checks) == 2


def test_many_threads_may_verify_at_once(clock: HandClock) -> None:
    """Plain `def` routes run in threads: they share the memory while it overflows all the time."""
    tokens = made(clock, algorithm="HS256", remember=2)
    many = [issued(tokens) for _ in range(20)]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(tokens.verify, many * 50))

    assert [claims.token_id for claims in found[:20]] * 50 == [claims.token_id for claims in found]


def test_expired_tokens_make_room(clock: HandClock) -> None:
    """What has expired does not stay in memory until the room is needed."""
    tokens = made(clock)
    for _ in range(5):
        tokens.verify(issued(tokens))
    clock.seconds += 900
    tokens.verify(issued(tokens))

    assert len(tokens._active.claims_by_digest) == 1


def test_the_memory_holds_no_tokens(tokens: AccessTokens) -> None:
    """A dump of it cannot be used to sign in."""
    token = issued(tokens)
    tokens.verify(token)

    assert token not in repr(tokens._active.claims_by_digest)
    assert token.split(".")[2] not in repr(tokens._active.claims_by_digest)


# Rotation


def test_a_rotation_refuses_nobody(clock: HandClock) -> None:
    """New key published, then signing, then old key gone: tokens count as long as they may."""
    old, new = KEY, SigningKey.generate("ES256")
    tokens = made(clock, KeyRing(old))
    first = issued(tokens)

    tokens.replace_keys(KeyRing(old, [new]))
    second = issued(tokens)
    tokens.replace_keys(KeyRing(new, [old]))
    third = issued(tokens)

    assert all(tokens.verify(token).user_id == "u1" for token in (first, second, third))
    assert [decoded(token.split(".")[0])["kid"] for token in (first, second, third)] == [old.kid, old.kid, new.kid]


def test_a_removed_key_ends_its_tokens_at_once(clock: HandClock) -> None:
    """A stolen key that left the ring signs nobody in, not even with a token that was remembered."""
    tokens = made(clock)
    token = issued(tokens)
    tokens.verify(token)

    tokens.replace_keys(KeyRing(SigningKey.generate("ES256")))
    refused(tokens, token)


def test_a_verification_under_way_does_not_carry_an_old_token_over(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the ring changes while a signature is checked, the result is not remembered under the new ring."""
    tokens = made(clock)
    token, verify = issued(tokens), SigningKey.verify

    def rotate_meanwhile(key: SigningKey, message: bytes, signature: bytes) -> bool:
        tokens.replace_keys(KeyRing(SigningKey.generate("ES256")))
        return verify(key, message, signature)

    with monkeypatch.context() as patched:
        patched.setattr(SigningKey, "verify", rotate_meanwhile)
        tokens.verify(token)
    refused(tokens, token)


def test_a_ring_for_another_algorithm_is_not_taken(clock: HandClock) -> None:
    """The configured algorithm and the signing key have to agree, at the start and later."""
    tokens = made(clock)
    with pytest.raises(SetupError, match="SIGNING_ALGORITHM is ES256, but the signing key is for HS256"):
        tokens.replace_keys(KeyRing(KEYS["HS256"]))
    with pytest.raises(SetupError, match="SIGNING_ALGORITHM"):
        made(clock, KeyRing(KEYS["HS256"]))

    assert tokens.keyring.signing is KEY
    assert tokens.verify(issued(tokens)).user_id == "u1"
