"""The password rules: long enough, typeable, not just the user's own name, and not what everybody takes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.passwords import password_policy
from gatewright.core.passwords.password_policy import check_password, common_passwords

JOHN = ["user@example.com", "John", "Doe"]


def codes(password: str, identity: list[str] | None = None, *, shortest: int = 8, longest: int = 128) -> list[str]:
    problems = check_password(
        password, field="/password", min_length=shortest, max_length=longest, identity=identity or []
    )
    assert all(problem.field == "/password" for problem in problems)
    return [problem.code for problem in problems]


EXTENDED = [
    "passwordpassword",
    "Password2026!!!!",
    "qwertyqwertyqwerty",
    "1234567812345678",
    "!!iloveyou.2026!!",
    "footballfootba",
]


@pytest.mark.parametrize("password", EXTENDED)
def test_a_longer_minimum_also_refuses_extended_common_passwords(password: str) -> None:
    """Few of the list have twelve characters: it would refuse nearly nothing. At eight, only the list counts."""
    assert codes(password, shortest=12) == ["password_too_common"]
    assert codes(password, shortest=8) == []


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "securepassword", "dragonfly summer", "пароль-из-слов-2026", "9" * 5 + "x" * 9],
)
def test_a_longer_minimum_accepts_what_is_no_extension(password: str) -> None:
    """Common words among others are no common password."""
    assert codes(password, shortest=12) == []


@pytest.mark.parametrize(
    "password",
    [
        "securepassword",
        "correct horse battery staple",
        "        ",
        "пароль-из-слов",
        "密码密码密码密码",
        "👩‍👩‍👧‍👦 is one family",
        "p\u00e4ssw\u00f6rter",
        "\U000e0000" * 8,
    ],
)
def test_any_typeable_text_of_fitting_length_is_accepted(password: str) -> None:
    """No rules of composition; spaces, emoji and every script count. Among them is the tutorial's own password."""
    assert codes(password, JOHN) == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", ["too_short"]),
        ("x" * 7, ["too_short"]),
        ("x" * 8, []),
        ("x" * 128, []),
        ("x" * 129, ["too_long"]),
        ("x" * 100_000, ["too_long"]),
    ],
)
def test_the_limits_are_inclusive(password: str, expected: list[str]) -> None:
    """8 and 128 characters pass; one fewer or more does not."""
    assert codes(password) == expected


def test_the_settings_decide_the_limits() -> None:
    """`PASSWORD_MAX_LENGTH=50` gives the tutorial's limit back."""
    assert codes("x" * 51, longest=50) == ["too_long"]
    assert codes("x" * 14, shortest=15) == ["too_short"]


def test_characters_are_counted_after_normalisation() -> None:
    """An e with an accent is one character however it is coded; an emoji is one, whatever its bytes."""
    assert codes("e\u0301" * 7) == ["too_short"]
    assert codes("e\u0301" * 128) == []
    assert codes("\u03b1\u0313\u0300\u0345" * 128) == []
    assert codes("😀" * 7) == ["too_short"]
    assert codes("😀" * 128) == []


def test_endless_text_is_refused_without_normalising_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """60,000 accents take seconds to normalise; the answer is clear without."""

    def normalize(_form: str, _text: str) -> str:
        raise AssertionError

    monkeypatch.setattr(password_policy, "normalize", normalize)
    assert codes("\u0315\u0327" * 30_000) == ["too_long"]


@pytest.mark.parametrize("character", ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\udabc"])
def test_what_cannot_be_typed_or_encoded_is_refused(character: str) -> None:
    """NUL, line breaks, other control characters, and lone surrogates."""
    assert codes(f"correct{character}horse") == ["invalid_characters"]


def test_every_problem_is_named_at_once() -> None:
    """Whoever corrects one should not meet the next at the second try."""
    assert codes("\x00") == ["too_short", "invalid_characters"]
    assert codes("john\x00doe", JOHN) == ["invalid_characters", "password_contains_identity"]


@pytest.mark.parametrize(
    "password",
    [
        "user@example.com",
        "USER@EXAMPLE.COM",
        "user@example.com1",
        "user1234",
        "john1234",
        "johndoe1",
        "JohnDoe!!",
        "DoeJohn99",
        "1john2john3",
        "\uff4a\uff4f\uff48\uff4e1234",
    ],
)
def test_the_own_address_or_name_is_refused(password: str) -> None:
    """Whole or with a few characters added, in any case or width."""
    assert codes(password, JOHN) == ["password_contains_identity"]


@pytest.mark.parametrize(
    ("identity", "password"),
    [
        (["ann.doe@example.com", "Ann", "Doe"], "anndoe12"),
        (["ann.doe@example.com"], "ann.doe1"),
        (["x@example.com", "Jürgen", "Groß"], "jürgen-gross"),
        (["x@example.com", "Ju\u0308rgen", "Groß"], "j\u00fcrgen12"),
        (["x@example.com", "Mary Jane", "O'Neill"], "maryjane7"),
        (["x@example.com", "Mary Jane", "O'Neill"], "mary jane"),
        (["x@example.com", "Mary Jane", "O'Neill"], "o'neill123"),
        (["x@example.com", "a.*", "[b]+c"], "[b]+c123"),
    ],
)
def test_names_are_found_in_other_spellings(identity: list[str], password: str) -> None:
    """Names of several words, with accents, sharp s, or characters that mean something in a pattern."""
    assert codes(password, identity) == ["password_contains_identity"]


@pytest.mark.parametrize(
    ("identity", "password"),
    [
        (["li@example.com", "Li", "Na"], "carolinas"),
        (["jo@example.com", "Jo", "Li"], "majority"),
        (["bo@example.com", "Bo", "Ng"], "bongo-drum"),
        (["ann@example.com", "Ann", "Lee"], "planning"),
        (["m@example.com", "M", "A"], "mammalian"),
        (["tim@example.com", "Tim", ""], "sometimes"),
        (["rose@example.com", "Rose", "Wood"], "primrose path to nowhere"),
        (["word@example.com", "Word", "Doe"], "securepassword"),
        (["john@example.com", "John", "Doe"], "johndoe-paints-9-fences"),
        (["user@example.com", "John", "Doe"], "example.com rocks"),
        (["", "", ""], "anything!"),
        (["user@example.com", "John", "Doe"], "\uff76\uff9e" * 4),
    ],
)
def test_harmless_passwords_are_not_refused_for_a_name(identity: list[str], password: str) -> None:
    """Short names are syllables of many words, and a name may stand in a password that is long enough without it."""
    assert codes(password, identity) == []


def test_the_ten_thousand_most_common_passwords_are_refused() -> None:
    """The list is shipped; `securepassword`, which the tutorial registers with, is not in it."""
    common = common_passwords()
    assert len(common) == 10_000
    assert {"password", "12345678", "letmein", "iloveyou", "football", "qwertyuiop"} <= common
    assert "securepassword" not in common
    assert {len(codes(password)) for password in common} == {1}
    assert {codes(password)[0] for password in common if len(password) >= 8} == {"password_too_common"}
    assert {codes(password)[0] for password in common if len(password) < 8} == {"too_short"}


@pytest.mark.parametrize(
    "password", ["password", "PASSWORD", "PassWord", "Password123", "\uff50assword", "\uff30\uff21\uff33\uff33word"]
)
def test_a_common_password_is_refused_in_any_case_and_width(password: str) -> None:
    """An attacker's list of guesses has those spellings, too."""
    assert codes(password) == ["password_too_common"]


@pytest.mark.parametrize("password", ["password-of-mine", "my password", "passwort!!", "12345678 sheep"])
def test_a_password_may_contain_a_common_one(password: str) -> None:
    """Only the whole is looked up: there are no rules of composition."""
    assert codes(password) == []


def test_the_list_is_not_read_before_it_is_needed() -> None:
    """A start pays nothing for it."""
    script = (
        "from gatewright.core.passwords import password_policy as policy\n"
        "before = policy.common_passwords.cache_info().currsize\n"
        "policy.check_password('x' * 8, field='/p', min_length=8, max_length=20, identity=[])\n"
        "print(before, policy.common_passwords.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1"]


@settings(deadline=None)
@given(password=st.text(st.characters(codec=None), max_size=40), identity=st.lists(st.text(max_size=20), max_size=4))
def test_no_text_raises_and_no_message_repeats_it(password: str, identity: list[str]) -> None:
    """Anything that JSON can carry gets an answer, and the answer is the same for every such password."""
    problems = check_password(password, field="/p", min_length=8, max_length=20, identity=identity)
    known = {
        "too_short": "Use at least 8 characters.",
        "too_long": "Use at most 20 characters.",
        "invalid_characters": "Leave out control characters.",
        "password_contains_identity": (
            "Your name, your address and this service's name do not count: use 8 more characters."
        ),
        "password_too_common": "This is one of the most common passwords.",
    }
    assert all(problem.message == known[problem.code] for problem in problems)
