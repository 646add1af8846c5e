"""Names of devices: what the usual clients are called, and what nobody can have put into one."""

from __future__ import annotations

import pytest

from gatewright.features.sessions.devices import device_name
from gatewright.testing.clients import AsUser

MOZILLA = "Mozilla/5.0"
WINDOWS = f"{MOZILLA} (Windows NT 10.0; Win64; x64)"
MAC = f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7)"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/140.0.0.0 Safari/537.36"
IPHONE = f"{MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{WINDOWS} {CHROME}", "Chrome on Windows"),
        (f"{WINDOWS} {CHROME} Edg/140.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} {CHROME} OPR/121.0.0.0", "Opera on Windows"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Windows"),
        (f"{MOZILLA} (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        (f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {CHROME}", "Chrome on ChromeOS"),
        (f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15", "Safari on macOS"),
        (f"{MAC} {CHROME}", "Chrome on macOS"),
        (f"{IPHONE} Version/18.6 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{MOZILLA} (Linux; Android 10; K) {CHROME}", "Chrome on Android"),
        (
            f"{MOZILLA} (Linux; Android 10; K) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (f"{MOZILLA} (Linux; Android 15; Pixel 9)", "Android"),
        ("curl/8.5.0", "curl"),
        ("python-httpx2/2.16.0", "HTTPX"),
        ("okhttp/4.12.0", "OkHttp"),
        ("Shop/12 CFNetwork/1568.100.1 Darwin/24.0.0", "Apple app"),
        ("something else", None),
        ("", None),
        (None, None),
    ],
)
def test_the_usual_clients_have_a_name(user_agent: str | None, name: str | None) -> None:
    """Also those that call themselves by the names of others."""
    assert device_name(user_agent) == name


@pytest.mark.parametrize(
    "user_agent",
    ["<script>alert(1)</script> Firefox/1", "Firefox/\r\nSubject: x Windows", "é\0\u202e Windows Firefox/" * 1000],
)
def test_nothing_that_a_client_sends_stands_in_a_name(user_agent: str) -> None:
    """Names are made of a fixed set of words, and what is too long is not read."""
    assert device_name(user_agent) in {"Firefox", "Firefox on Windows"}
    assert device_name("x" * 512 + "Firefox/1") is None


def test_the_list_of_sessions_names_devices(as_user: AsUser) -> None:
    """So that a user can tell which session is whose."""
    ada = as_user(email="ada@example.com")
    answer = ada.post(
        "/auth/login",
        json={"email": "ada@example.com", "password": "a passphrase for tests"},
        headers={"User-Agent": f"{WINDOWS} {CHROME}"},
    )
    assert answer.status_code == 200
    sessions = ada.get("/auth/sessions").json()["data"]
    assert {session["device"] for session in sessions} == {None, "Chrome on Windows"}
