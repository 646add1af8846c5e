"""What a type checker accepts: `make lint` runs mypy --strict over this file, and each unused ignore is an error."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_type

import pytest
from pydantic import SecretStr

from gatewright.errors import SetupError
from gatewright.settings import RoleSettings
from gatewright.settings.values import Proxy
from tests.settings.sample import LoginSettings, Settings


def test_the_common_forms_type_check() -> None:
    """Values as people write them go in, values as code needs them come out, without a plugin."""
    settings = Settings(
        environment="development",
        database_url="sqlite:///x.db",
        redis_url=None,
        secret="one",
        access_token_ttl="15m",
        refresh_token_ttl=timedelta(days=1),
        refresh_grace=0,
        cors_origins=["https://a.example"],
        trusted_proxies=["10.0.0.0/8"],
        mfa_required_roles={"ADMIN"},
        roles={"EDITOR": RoleSettings(permissions=["posts:write"])},
        login=LoginSettings(window=30),
    )
    assert_type(settings.database_url, SecretStr)
    assert_type(settings.redis_url, SecretStr | None)
    assert_type(settings.secret, tuple[SecretStr, ...])
    assert_type(settings.access_token_ttl, timedelta)
    assert_type(settings.cors_origins, tuple[str, ...])
    assert_type(settings.trusted_proxies, tuple[Proxy, ...])
    assert_type(settings.section(LoginSettings).window, timedelta)
    assert settings.section(LoginSettings).window == timedelta(seconds=30)
    assert len(Settings(secret=["one", SecretStr("two")]).secret) == 2


def test_wrong_names_and_types_are_found_before_anything_runs() -> None:
    """And again when it runs, for those without a type checker."""
    with pytest.raises(SetupError):
        Settings(isuer="x")  # type: ignore[call-arg]
    with pytest.raises(SetupError):
        Settings(environment="staging")  # type: ignore[arg-type]
    with pytest.raises(SetupError):
        Settings(access_token_ttl=1.5)  # type: ignore[arg-type]
    with pytest.raises(SetupError):
        Settings(secret=5)  # type: ignore[arg-type]
