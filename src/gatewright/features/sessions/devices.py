"""A name for the device behind a session, such as "Firefox on Windows", from what the client says that it is.

A user agent is text that anyone can write. It is searched for fixed words and for nothing else, and the name is made
of ours: the name contains no text that a client sent.
"""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST = 512

# In this order: Edge calls itself Chrome too, and Chrome calls itself Safari.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPiOS/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
# Programs that make calls; the system that they name, if any, says little.
_PROGRAMS = (
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("HTTPie/", "HTTPie"),
    ("PostmanRuntime/", "Postman"),
    ("insomnia/", "Insomnia"),
    ("python-requests/", "Python Requests"),
    ("python-httpx", "HTTPX"),
    ("aiohttp/", "aiohttp"),
    ("Python-urllib/", "Python"),
    ("axios/", "axios"),
    ("node-fetch/", "Node.js"),
    ("undici", "Node.js"),
    ("okhttp/", "OkHttp"),
    ("Dart/", "Dart"),
    ("Go-http-client/", "Go"),
    ("Apache-HttpClient/", "Java"),
    ("Java/", "Java"),
    ("CFNetwork/", "Apple app"),
)
# Android calls itself Linux too, and an iPhone is "like Mac OS X".
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS ", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
)


def device_name(user_agent: str | None) -> str | None:
    """What to call the device of *user_agent*; None when it says nothing that is known."""
    sent = (user_agent or "")[:_LONGEST]
    browser, system = _first(_BROWSERS, sent), _first(_SYSTEMS, sent)
    if browser is not None:
        return browser if system is None else f"{browser} on {system}"
    return _first(_PROGRAMS, sent) or system


def _first(words: Sequence[tuple[str, str]], sent: str) -> str | None:
    return next((name for word, name in words if word in sent), None)
