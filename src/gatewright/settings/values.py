"""How one value is read: durations, lists, secrets, URLs, networks.

Every function takes what a variable, a TOML file or a caller gave, and returns it in the form that the code
works with, or raises ValueError with a sentence that begins with "should". No sentence repeats the value: it
may be a secret, also by mistake.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, Literal

from pydantic import SecretStr

from gatewright.addresses import InvalidAddress, format_mailbox, parse_mailbox
from gatewright.settings.database_urls import kind_of, with_absolute_path
from gatewright.settings.origins import (
    SCHEMES_OF_BROWSERS,
    NoOrigin,
    ascii_origin,
    parse_origin,
    split_url,
    web_origin,
)
from gatewright.settings.postgresql_urls import read_postgresql_url

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNIX: Final = "unix"
"""In `TRUSTED_PROXIES`: every client of a Unix socket, which has no address."""
Proxy = Network | Literal["unix"]

_DURATION = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
_SECONDS = re.compile(r"[0-9]{1,12}")
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(?:(?!-----).)*-----END \1-----", re.DOTALL)
_KEYS = "private keys in PEM, or as JWKs in JSON"
_NO_KEYS = f"should be {_KEYS}; one is empty. Leave the setting out to keep keys in the database"


def duration(value: object) -> timedelta:
    """Read seconds (`900`) or a duration (`15m`, `7d`, `1h30m`) in whole seconds."""
    try:
        found = _duration(value)
    except OverflowError:
        found = None
    if found is None or found.microseconds:
        raise ValueError("should be whole seconds, or a duration such as 15m, 7d or 1h30m")
    return found


def _duration(value: object) -> timedelta | None:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=int(text))
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def spell_duration(value: timedelta) -> str:
    """Write a duration as a setting would have it: `7d`, `1h30m`, `0s`."""
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((value.days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def items(value: object) -> list[object]:
    """Read a list: what commas separate, a JSON array, or a sequence that is one already."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, str):
        text = value.strip()
        return _json_items(text) if text.startswith("[") else [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    raise ValueError("should be a list: separated by commas, or a JSON array")


def _json_items(text: str) -> list[object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        # Not chained: the decoder's error carries the whole text.
        found = None
    if not isinstance(found, list):
        raise ValueError("should be a list; it begins like a JSON array, but is not valid JSON")
    return found


def words(value: object) -> tuple[str, ...]:
    """Read a list of texts."""
    return tuple(_text(item) for item in items(value))


def secrets(value: object) -> tuple[SecretStr, ...]:
    """Read a list of secrets."""
    return tuple(SecretStr(_text(item)) for item in items(value))


def private_keys(value: object) -> tuple[SecretStr, ...]:
    """Read private keys: PEM, one or several after each other, a JWK, a JWK set, or a list of these. At least one."""
    found = _keys(value)
    # The default is an empty tuple; an empty list, as a file or a variable gives one, is a mistake.
    if not found and value != ():
        raise ValueError(_NO_KEYS)
    return tuple(SecretStr(text) for text in found)


def _keys(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _keys(item)]
    if isinstance(value, Mapping):
        members = value.get("keys", [value])
        if not isinstance(members, list) or not all(isinstance(member, Mapping) for member in members):
            raise ValueError(f"should be {_KEYS}")
        return [json.dumps(member) for member in members]
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str):
        raise ValueError(f"should be {_KEYS}")
    text = value.strip()
    if not text:
        raise ValueError(_NO_KEYS)
    if text[0] in ("[", "{"):
        return _keys(_json_keys(text))
    return _pem_blocks(text)


def _pem_blocks(text: str) -> list[str]:
    """The PEM blocks of a text that holds nothing else: skipped text could be a key."""
    # A line break of a variable that can hold none.
    text = text.replace("\\n", "\n")
    found = [match for match in _PEM.finditer(text) if match[1] != "EC PARAMETERS"]
    rest = _PEM.sub("", text)
    if "-----" in rest:
        raise ValueError(f"should be {_KEYS}; a PEM block lacks its beginning or end")
    if rest.strip() and found:
        raise ValueError(f"should be {_KEYS}; there is text outside the PEM blocks")
    if rest.strip():
        raise ValueError(f"should be {_KEYS}")
    return [match[0] for match in found]


def _json_keys(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        # Not chained: the decoder's error carries the whole text.
        pass
    raise ValueError(f"should be {_KEYS}; it begins like JSON, but is not valid JSON")


def _text(item: object) -> str:
    text = item.get_secret_value() if isinstance(item, SecretStr) else item
    if not isinstance(text, str) or not text.strip():
        raise ValueError("should be a list of non-empty texts")
    return text.strip()


def proxies(value: object) -> tuple[Proxy, ...]:
    """Read a list of IP addresses and networks, and `unix` for every client of a Unix socket."""
    try:
        return tuple(_proxy(item) for item in items(value))
    except ValueError:
        raise ValueError("should be a list of addresses and networks, such as 10.0.0.0/8 or ::1, or unix") from None


def _proxy(item: object) -> Proxy:
    if isinstance(item, Network):
        return item
    text = _text(item)
    return UNIX if text.lower() == UNIX else ipaddress.ip_network(text)


def web_url(text: str) -> str:
    """Check an http or https URL, and take the slash off its end."""
    parts = split_url(text)
    origin = None if parts is None else web_origin(parts)
    if parts is None or origin is None or parts.query or parts.fragment:
        known = None if text.isascii() else ascii_origin(text)
        hint = f"; write its host as {known}" if known else ""
        raise ValueError(f"should be a URL such as https://example.com, without query and password{hint}")
    return origin + parts.path.rstrip("/")


def origins(value: object) -> tuple[str, ...]:
    """Read a list of origins in the form in which browsers send them, or `*`."""
    return tuple(
        "*" if item == "*" else _numbered_origin(_text(item), number) for number, item in enumerate(items(value), 1)
    )


def _numbered_origin(text: str, number: int) -> str:
    try:
        return parse_origin(text)
    except NoOrigin as fault:
        reason = str(fault)
    examples = "https://app.example.com or capacitor://localhost"
    raise ValueError(f"should be a list of origins such as {examples}; origin {number} {reason}")


def redirects(value: object) -> tuple[str, ...]:
    """Read a list of absolute URLs that a browser may be sent to; apps' own schemes count too."""
    found = words(value)
    for text in found:
        parts = split_url(text)
        if parts is None or not parts.scheme or not parts.netloc or parts.fragment or "*" in text:
            raise ValueError("should be a list of whole URLs such as https://app.example.com/done, without # and *")
        if parts.scheme in SCHEMES_OF_BROWSERS:
            raise ValueError(f"should be a list of whole URLs of pages and apps; {parts.scheme}: is not allowed")
    return found


def api_prefix(text: str) -> str:
    """Check the path that all routes begin with: empty, or `/api` and the like."""
    if re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", text) is None:
        raise ValueError("should be empty, or begin with a slash and not end with one, such as /api")
    return text


def database_url(value: SecretStr) -> SecretStr:
    """Check a database's URL; a relative SQLite path becomes absolute, so that it stays where it is."""
    text = value.get_secret_value().strip()
    if kind_of(text) == "sqlite":
        return SecretStr(with_absolute_path(text))
    read_postgresql_url(text)
    return SecretStr(f"postgresql://{text.partition('://')[2]}")


def url_beginning_with(*beginnings: str) -> Callable[[SecretStr], SecretStr]:
    """A check that a URL begins with one of *beginnings*."""

    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(beginnings):
            raise ValueError(f"should begin with {' or '.join(beginnings)}")
        return value

    return check


def mailbox(text: str) -> str:
    """Check the sender of mails, `Name <address>` or an address alone; its domain becomes ASCII, as headers need it."""
    try:
        name, address = parse_mailbox(text)
    except InvalidAddress:
        raise ValueError(
            "should be one address, such as hello@example.com or Shop <hello@example.com>, with a name of printable "
            "characters"
        ) from None
    return format_mailbox(name, address.sendable)
