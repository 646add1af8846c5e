"""The settings themselves: bounds, sections, immutability, and secrets that stay secret."""

from __future__ import annotations

import logging
import pickle
import traceback
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from gatewright.errors import SetupError
from gatewright.settings import Argon2Settings, ClientSettings, FeatureSettings, KernelSettings
from tests.settings.sample import LoginSettings, ProviderSettings, Settings


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("access_token_ttl", "61m", "should be at most 1 hour"),
        ("access_token_ttl", 0, "should be at least 1 second"),
        ("refresh_token_ttl", "366d", "should be at most 365 days"),
        ("session_max_age", "59s", "should be at least 1 minute"),
        ("refresh_grace", "61s", "should be at most 1 minute"),
        ("recent_auth", "2d", "should be at most 1 day"),
        ("password_min_length", 7, "should be at least 8"),
        ("password_min_length", 129, "should be at most 128"),
        ("password_max_length", 49, "should be at least 50"),
        ("hash_queue_ms", 0, "should be at least 1"),
        ("signing_algorithm", "none", "should be 'ES256', 'EdDSA', 'RS256' or 'HS256'"),
        ("access_check", "never", "should be 'revocation' or 'strict'"),
        ("registration", "yes", "should be 'open', 'invite' or 'closed'"),
        ("rate_limit_enabled", "perhaps", "should be a valid boolean, unable to interpret input"),
        ("issuer", 5, "should be a valid string"),
        ("issuer", "", "String should have at least 1 character"),
        ("redis_url", "http://cache", "should begin with redis:// or rediss://"),
        ("mail_url", "mail.example.com", "should begin with smtp:// or smtps:// or console: or inbox:"),
        ("argon2", {"memory_kib": 1024}, "should be at least 7168"),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_what_is_expected(name: str, value: Any, message: str) -> None:
    """Each bound, by the name that the caller wrote."""
    with pytest.raises(SetupError) as caught:
        Settings(**{name: value})
    spelled = "argon2.memory_kib" if name == "argon2" else name
    assert str(caught.value) == f"Settings({spelled}=…): {message}"


def test_a_grace_of_nothing_is_allowed() -> None:
    """Rotation without grace is strict, and a choice."""
    assert Settings(refresh_grace=0).refresh_grace.total_seconds() == 0


def test_the_longest_password_is_not_shorter_than_the_shortest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise nobody could register."""
    monkeypatch.setenv("GATEWRIGHT_PASSWORD_MIN_LENGTH", "60")
    monkeypatch.setenv("GATEWRIGHT_PASSWORD_MAX_LENGTH", "50")
    with pytest.raises(
        SetupError, match="^GATEWRIGHT_PASSWORD_MAX_LENGTH: should not be below GATEWRIGHT_PASSWORD_MIN"
    ):
        Settings()


def test_settings_cannot_be_changed() -> None:
    """Nothing that runs can weaken what was checked at the start."""
    settings = Settings()
    for part, name, value in ((settings, "environment", "development"), (settings.argon2, "iterations", 1)):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, value)


def test_a_feature_finds_its_own_section() -> None:
    """By its type, so that no feature reads another's by accident."""
    settings = Settings(login=LoginSettings(tries=3))
    assert settings.section(LoginSettings).tries == 3
    assert settings.section(Argon2Settings).iterations == 2
    with pytest.raises(LookupError, match=r"KernelSettings has no section \[login\]"):
        KernelSettings().section(LoginSettings)


def test_a_section_stands_under_its_own_name() -> None:
    """What the class says about itself and what users write are one name."""

    class Misnamed(FeatureSettings):
        section: ClassVar[str] = "totp"

    with pytest.raises(TypeError, match="Misnamed belongs in a field called 'totp', not 'otp'"):

        class Wrong(KernelSettings):
            otp: Misnamed = Misnamed()


def test_the_default_database_is_a_file_in_the_working_directory(folder: Path) -> None:
    """Beside gatewright.toml, where that is."""
    settings = Settings()
    assert settings.database_url.get_secret_value() == f"sqlite:///{folder / 'gatewright.db'}"
    assert settings.folder == folder


def with_secrets() -> Settings:
    return Settings(
        secret=["hush-1", "hush-2"],
        database_url="postgresql://u:hush@db/app",
        migration_database_url="postgresql://u:hush@db/app",
        redis_url="redis://:hush@cache",
        mail_url="smtp://u:hush@mail",
        clients={"web": ClientSettings(secret="hush")},
        login=LoginSettings(google=ProviderSettings(client_secret="hush")),
    )


def test_no_secret_is_shown_when_settings_are_printed() -> None:
    """Neither by repr nor by str, as JSON, or after a copy."""
    settings = with_secrets()
    shown = [repr(settings), str(settings), f"{settings}", settings.model_dump_json(), str(settings.model_dump())]  # type: ignore[attr-defined]
    shown.append(repr(pickle.loads(pickle.dumps(settings))))  # noqa: S301 - our own bytes
    assert not any("hush" in text for text in shown)
    assert settings.secret[1].get_secret_value() == "hush-2"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWRIGHT_SECRET", '["hush'),
        ("GATEWRIGHT_SECRET", '["", "hush"]'),
        ("GATEWRIGHT_DATABASE_URL", "mysql://u:hush@db"),
        ("DATABASE_URL", "hush"),
        ("GATEWRIGHT_REDIS_URL", "hush"),
        ("GATEWRIGHT_MAIL_URL", "hush"),
        ("GATEWRIGHT_SIGNING__KEYS", "[hush]"),
        ("GATEWRIGHT_LOGIN__WINDOW", "hush"),
        ("GATEWRIGHT_PUBLIC_URL", "https://u:hush@example.com"),
        ("GATEWRIGHT_ENVIRONMENT", "hush"),
        ("GATEWRIGHT_SECERT", "hush"),
    ],
)
def test_no_value_is_shown_when_it_is_refused(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the message, not in the traceback, not in what hangs on the exception, not in a log."""
    monkeypatch.setenv(variable, value)
    with caplog.at_level(logging.DEBUG), pytest.raises(SetupError, match=f"^{variable}: ") as caught:
        Settings()
    assert "hush" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    assert caught.value.__context__ is None


def test_a_section_on_its_own_shows_no_value_either() -> None:
    """It raises pydantic's error, with the input hidden."""
    with pytest.raises(ValidationError) as caught:
        ClientSettings(secret=["hush"])  # type: ignore[arg-type]
    assert "hush" not in str(caught.value)
