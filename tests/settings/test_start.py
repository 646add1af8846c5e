"""What stops a start, and what a start settles."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.settings import Argon2Settings, prepare
from gatewright.settings.sections import CaptchaSettings
from tests.settings.sample import GOOD_SECRET, Settings

GOOD: dict[str, Any] = {
    "secret": GOOD_SECRET,
    "public_url": "https://example.com",
    "mail_url": "smtp://u:hushed@mail.example.com",
}


def refused(**given: Any) -> str:
    with pytest.raises(SetupError) as caught:
        prepare(Settings(**given))
    return str(caught.value)


def test_a_sound_production_start_settles_everything() -> None:
    """The issuer follows the public URL, and the audience the issuer."""
    ready = prepare(Settings(**GOOD))
    assert ready.secrets == (GOOD_SECRET.encode(),)
    assert (ready.public_url, ready.issuer, ready.audience) == ("https://example.com",) * 3
    assert (ready.auto_migrate, ready.docs) == (False, False)
    ready = prepare(Settings(**GOOD, issuer="https://issuer.example/", auto_migrate=True))
    assert (ready.issuer, ready.audience) == ("https://issuer.example/",) * 2
    assert prepare(Settings(**GOOD, audience="api")).audience == "api"
    assert ready.auto_migrate


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"secret": ()}, "GATEWRIGHT_SECRET is missing"),
        ({"secret": GOOD_SECRET[:31]}, "GATEWRIGHT_SECRET is shorter than 32 bytes"),
        ({"secret": "abcdefghi" * 10}, "GATEWRIGHT_SECRET has fewer than 10 different characters"),
        ({"secret": "your-secret-key-please-change-it-42"}, "GATEWRIGHT_SECRET contains a secret of a tutorial"),
        ({"secret": "CHANGE_ME_CHANGE_ME_xyz_0123456789"}, "GATEWRIGHT_SECRET contains a secret of a tutorial"),
        (
            {"secret": "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"},
            "GATEWRIGHT_SECRET contains a secret",
        ),
        ({"secret": "a-string-secret-at-least-256-bits-long"}, "GATEWRIGHT_SECRET contains a secret of a tutorial"),
        ({"secret": [GOOD_SECRET, "short"]}, "GATEWRIGHT_SECRET, secret 2 of 2, is shorter"),
        ({"public_url": None}, "GATEWRIGHT_PUBLIC_URL is missing"),
        ({"public_url": "http://example.com"}, "GATEWRIGHT_PUBLIC_URL begins with http:"),
        ({"public_url": "http://localhost:3000"}, "GATEWRIGHT_PUBLIC_URL begins with http:"),
        ({"mail_url": None}, "GATEWRIGHT_MAIL_URL is missing, so no user could reset a password."),
        ({"mail_url": "console:"}, "GATEWRIGHT_MAIL_URL=console: keeps mails and their links in the log"),
        ({"mail_url": "console://"}, "GATEWRIGHT_MAIL_URL=console: keeps mails and their links in the log"),
        ({"mail_url": "inbox:"}, "GATEWRIGHT_MAIL_URL=inbox: keeps mails and their links in a folder"),
        ({"mail_link_base": "http://example.com/auth"}, "GATEWRIGHT_MAIL_LINK_BASE begins with http:"),
        ({"cors_origins": ["https://a.example", "*"]}, "GATEWRIGHT_CORS_ORIGINS contains *"),
        ({"argon2": Argon2Settings(memory_kib=7168, iterations=4)}, "GATEWRIGHT_ARGON2__MEMORY_KIB"),
    ],
)
def test_production_refuses_what_development_accepts(given: dict[str, Any], variable: str) -> None:
    """Each refusal names its variable, and the way to development."""
    message = refused(**{**GOOD, **given})
    assert message.startswith(variable)
    assert "GATEWRIGHT_ENVIRONMENT=development" in message
    prepare(Settings(**{**GOOD, **given}, environment="development"))


@pytest.mark.parametrize("mail_url", [None, "console:", "inbox:"])
def test_an_app_that_sends_mails_itself_needs_no_mail_server(mail_url: str | None) -> None:
    """`Gatewright(mail_sender=…)` does not look at `MAIL_URL`."""
    prepare(Settings(**{**GOOD, "mail_url": mail_url}), has_own_sender=True)


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ({"mail_from": "Büro <hello@BÜCHER.example>"}, "Büro <hello@xn--bcher-kva.example>"),
        ({}, '"example.com" <no-reply@example.com>'),
        ({"public_url": "https://192.0.2.1"}, '"192.0.2.1" <no-reply@[192.0.2.1]>'),
        ({"public_url": "https://[2001:db8::1]:8443"}, '"2001:db8::1" <no-reply@[IPv6:2001:db8::1]>'),
    ],
)
def test_mails_have_a_sender_that_mail_servers_take(given: dict[str, Any], sender: str) -> None:
    """Its domain is ASCII, and an IP address stands in brackets (RFC 5321 section 4.1.3)."""
    assert prepare(Settings(**{**GOOD, **given})).mail_from == sender


@pytest.mark.parametrize("sender", ["Shop", "hello@", "hello@localhost", "a@example.com, b@example.com"])
def test_a_sender_that_is_no_address_is_refused_in_words(sender: str) -> None:
    """By the same rules as the addresses of accounts."""
    with pytest.raises(SetupError, match=r"^Settings\(mail_from=…\): should be one address, such as hello@example.com"):
        Settings(**GOOD, mail_from=sender)


def test_thirty_two_bytes_are_counted_not_characters() -> None:
    """16 characters of two bytes are 32 bytes."""
    prepare(Settings(**{**GOOD, "secret": "äöüßéèêàâçñøåæœđ"}))


@pytest.mark.parametrize("environment", ["production", "development"])
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"mfa_required_roles": ["ADMIN"]}, "GATEWRIGHT_MFA_REQUIRED_ROLES"),
        ({"studio": "admin"}, "GATEWRIGHT_STUDIO"),
        ({"captcha": CaptchaSettings(provider="turnstile")}, "GATEWRIGHT_CAPTCHA__PROVIDER"),
    ],
)
def test_a_protection_that_is_not_built_stops_every_start(
    given: dict[str, Any], name: str, environment: str, folder: Path
) -> None:
    """Who asks for a protection must not run without it, on no machine."""
    message = refused(**GOOD, **given, environment=environment)
    assert message == f"{name} is not built yet. Leave it out."
    assert not folder.joinpath(".gatewright").exists()


def test_settings_whose_feature_is_not_built_are_accepted() -> None:
    """They protect nothing, and their description says that they have no effect yet."""
    prepare(
        Settings(
            **GOOD,
            redis_url="redis://cache",
            redirect_urls=["https://example.com/done"],
        )
    )


def test_all_refusals_are_said_at_once_and_without_the_secret() -> None:
    """One start, one list."""
    message = refused(secret="hush", cors_origins=["*"], studio="admin")
    assert [line.split()[0] for line in message.splitlines()] == [
        "These",
        "GATEWRIGHT_STUDIO",
        "GATEWRIGHT_SECRET",
        "GATEWRIGHT_PUBLIC_URL",
        "GATEWRIGHT_MAIL_URL",
        "GATEWRIGHT_CORS_ORIGINS",
        "Production",
    ]
    assert "hush" not in message


def test_a_refused_start_makes_no_secret(folder: Path) -> None:
    """A missing secret in production is not made up."""
    refused()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("port", "url"), [(None, "http://localhost:3000"), (8080, "http://localhost:8080")])
def test_development_needs_no_settings(port: int | None, url: str) -> None:
    """The first start works with nothing but the environment's name."""
    ready = prepare(Settings(environment="development"), port=port)
    assert (ready.public_url, ready.issuer, ready.audience) == (url, url, url)
    assert (ready.auto_migrate, ready.docs, ready.notices) == (True, True, ())
    assert len(ready.secrets[0]) >= 32


def test_a_given_public_url_wins_over_the_port() -> None:
    """Behind a tunnel, say."""
    settings = Settings(environment="development", public_url="https://tunnel.example")
    assert prepare(settings, port=8080).public_url == "https://tunnel.example"


def test_production_says_that_limits_are_switched_off() -> None:
    """One line, and none for those who left them on."""
    (notice,) = prepare(Settings(**GOOD, rate_limit_enabled=False)).notices
    assert "GATEWRIGHT_RATE_LIMIT_ENABLED is off" in notice
    assert prepare(Settings(**GOOD)).notices == ()


def test_what_a_start_settled_does_not_show_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Neither printed nor logged."""
    with caplog.at_level(logging.DEBUG):
        ready = prepare(Settings(**GOOD))
    assert ready.mail_url == GOOD["mail_url"]
    for secret in (GOOD_SECRET, "hushed"):
        assert secret not in repr(ready) + str(ready) + caplog.text
