"""Which passwords are accepted (NIST SP 800-63B-4 section 3.1.1.2): all but names and common ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from unicodedata import normalize

from gatewright.core.context import Context
from gatewright.core.passwords.hasher import LONGEST_EXPANSION
from gatewright.errors import FieldProblem

# Control characters, as RFC 8265 section 4.2 (by RFC 8264 section 4.3) has it: no password field lets one type them,
# so they come from a mistake, such as the line break at the end of a file, that would lock the user out.
# And lone surrogates, which UTF-8 cannot encode. All else counts: spaces, emoji, letters that Unicode adds later.
_UNTYPEABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_NOT_IN_WORDS = re.compile(r"[\W_]+")

# Shorter ones are syllables: "Li" is in "believable", "Ann" in "planning".
_SHORTEST_WORD = 4
_SHORTEST_FULL_NAME = 6

# What the settings ask for unless they are changed: the length that the list of common passwords was made for.
_USUAL_MIN_LENGTH = 8

_SIGNS_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def check_password(
    password: str,
    *,
    field: str,
    min_length: int,
    max_length: int,
    identity: Sequence[str],
    service: Sequence[str] = (),
) -> list[FieldProblem]:
    """The problems of *password*; none when it is accepted.

    The user's names and e-mail address, and what the service is called, may be part of it, but do not count towards
    its length: `johndoe1` adds too little to the name of John Doe, `johndoe-paints-9-fences` adds enough. Names of
    fewer than four letters are passed over. The most common passwords are refused in any case and width. Where the
    settings ask for more than eight characters, few of them are long enough, so their usual extensions are refused as
    well: repeated, or with digits and signs around (`password2026!!!`, `qwertyqwertyqwerty`).

    Args:
        password: As the user sent it.
        field: JSON pointer of the field it came in, such as `/password`.
        min_length: Fewest characters: code points after NFC (RFC 8265 section 4.2).
        max_length: Most characters, counted alike.
        identity: The user's e-mail address and names, as far as they are known.
        service: The names of the service (ASVS 5.0, 6.2.11).
    """
    # Checked before normalising, which takes very long for very long text.
    if len(password) > max_length * LONGEST_EXPANSION:
        return [_too_long(field, max_length)]
    password = normalize("NFC", password)
    problems = []
    if len(password) < min_length:
        problems.append(FieldProblem(field, "too_short", f"Use at least {min_length} characters."))
    if len(password) > max_length:
        problems.append(_too_long(field, max_length))
    if _UNTYPEABLE.search(password):
        problems.append(FieldProblem(field, "invalid_characters", "Leave out control characters."))
    if len(password) >= min_length and _is_mostly(_pieces(identity) | _pieces(service), password, min_length):
        message = f"Your name, your address and this service's name do not count: use {min_length} more characters."
        problems.append(FieldProblem(field, "password_contains_identity", message))
    if len(password) >= min_length and _is_common(_fold(password), min_length):
        problems.append(FieldProblem(field, "password_too_common", "This is one of the most common passwords."))
    return problems


def policy_problems(
    context: Context, password: str, *, identity: Sequence[str], field: str = "/password"
) -> list[FieldProblem]:
    """The problems of *password* by the settings' policy; leaks are not checked.

    Args:
        identity: As in `check_password`.
        field: As in `check_password`.
    """
    return check_password(
        password,
        field=field,
        min_length=context.settings.password_min_length,
        max_length=context.settings.password_max_length,
        identity=identity,
        service=(context.app_name,),
    )


@cache
def common_passwords() -> frozenset[str]:
    """The 10,000 most common passwords, in lower case; read when they are first asked for."""
    lines = files("gatewright.core").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _is_common(folded: str, min_length: int) -> bool:
    if folded in common_passwords():
        return True
    return min_length > _USUAL_MIN_LENGTH and any(
        _is_repetition(each) for each in (folded, _SIGNS_AROUND.sub("", folded))
    )


def _is_repetition(text: str) -> bool:
    """Whether *text* is a common password, once or several times; the last may be cut off."""
    lengths = range(_SHORTEST_WORD, len(text) + 1)
    return any((text[:n] * (len(text) // n + 1)).startswith(text) and text[:n] in common_passwords() for n in lengths)


def _too_long(field: str, max_length: int) -> FieldProblem:
    return FieldProblem(field, "too_long", f"Use at most {max_length} characters.")


def _is_mostly(pieces: set[str], password: str, min_length: int) -> bool:
    if not pieces:
        return False
    pattern = re.compile("|".join(map(re.escape, sorted(pieces, key=len, reverse=True))))
    own, found = pattern.subn("", _fold(password))
    return found > 0 and len(own) < min_length


def _pieces(identity: Sequence[str]) -> set[str]:
    """The texts to look for: each whole value, its longer words, and the names written in one."""
    folded = [_fold(value) for value in identity]
    names = [value for value in folded if "@" not in value]
    mailboxes = [value.rpartition("@")[0] for value in folded if "@" in value]
    words = [word for value in names + mailboxes for word in _words(value)]
    written_in_one = ["".join(_words(" ".join(names))), *("".join(_words(mailbox)) for mailbox in mailboxes)]
    return _at_least(_SHORTEST_WORD, folded + mailboxes + words) | _at_least(_SHORTEST_FULL_NAME, written_in_one)


def _words(text: str) -> list[str]:
    return [word for word in _NOT_IN_WORDS.split(text) if word]


def _at_least(length: int, texts: Iterable[str]) -> set[str]:
    return {text for text in texts if len(text) >= length}


def _fold(text: str) -> str:
    """Without differences of case and width, for comparing."""
    return normalize("NFKC", text).casefold()
