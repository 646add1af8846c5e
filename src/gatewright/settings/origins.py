"""The origins of pages and apps, in the form in which browsers send them (RFC 6454 section 6.2)."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from gatewright.addresses import parse_address

SCHEMES_OF_BROWSERS = frozenset(
    {"javascript", "vbscript", "data", "blob", "filesystem", "file", "about", "view-source", "jar"}
)
"""A browser runs the content of these, or shows content that no app has sent; also in
`javascript://host/%0aalert(1)`."""

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
# An app's own name for itself is often no host's: Electron's are `.` or `-`, or empty.
_APP_HOST = re.compile(r"[a-z0-9._-]*|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NEVER_SENT = frozenset({"ws", "wss", "ftp", "ftps"})


class NoOrigin(ValueError):
    """The text is not an origin that can be listed; the message is the end of a sentence that says why."""


def parse_origin(text: str) -> str:
    """Read the origin of a page, or of an app with a scheme of its own.

    Upper case, a slash at the end and the port that goes without saying are dropped, as browsers do.

    Raises:
        NoOrigin: It is none, or one that any page can send. The message says what to write instead.
    """
    if "*" in text:
        raise NoOrigin("contains *, but patterns are not supported: list each origin")
    if text.lower() == "null":
        raise NoOrigin("is null, which any page can send: serve the page by https, or by the app's own scheme")
    if not text.isascii():
        raise NoOrigin(f"is not ASCII: write {ascii_origin(text) or 'its host in punycode'}, as browsers send it")
    if "://" not in text:
        raise NoOrigin("has no scheme: begin with https://, or with an app's scheme such as capacitor://")
    parts = split_url(text)
    origin = None if parts is None else _origin_of(parts)
    if parts is None or origin is None:
        raise NoOrigin("is not in the form that browsers send: scheme, host and port only")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise NoOrigin("has a path: an origin ends with the host or the port")
    return origin


def web_origin(parts: SplitResult) -> str | None:
    """The origin of an http or https URL; None when it is another, or holds a user or a strange host."""
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(_host(parts)):
        return None
    return _spelled(parts)


def ascii_origin(text: str) -> str | None:
    """The origin of a URL whose host is not ASCII, with its host as A-labels (RFC 5891); None when it has none."""
    try:
        parts = urlsplit(text)
        # Hosts are domains of addresses too, and one parser knows how they are written in ASCII.
        host = parse_address(f"any@{parts.hostname}").key.removeprefix("any@")
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return None
    is_plain = parts.scheme in _DEFAULT_PORTS and "@" not in parts.netloc
    return f"{parts.scheme}://{host}{port}" if is_plain else None


def split_url(text: str) -> SplitResult | None:
    """The parts of an ASCII URL; None when it is none."""
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _origin_of(parts: SplitResult) -> str | None:
    if parts.scheme in _DEFAULT_PORTS:
        return web_origin(parts)
    if parts.scheme in SCHEMES_OF_BROWSERS:
        raise NoOrigin(f"begins with {parts.scheme}:, whose pages send null: serve the page by https")
    if parts.scheme in _NEVER_SENT:
        raise NoOrigin(
            f"begins with {parts.scheme}:, but browsers send the origin of the page: write https:// or http://"
        )
    return _spelled(parts) if _APP_HOST.fullmatch(_host(parts)) else None


def _spelled(parts: SplitResult) -> str | None:
    if "@" in parts.netloc:
        return None
    port = "" if parts.port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts)}{port}"


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host
