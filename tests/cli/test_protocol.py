"""What the server is started with: it says nothing of itself, and keeps its promises before an app sees a request."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from gatewright import Gatewright
from gatewright.cli import log_lines, processes
from gatewright.cli.protocol import BoundedHttpsProtocol, BoundedProtocol
from tests.conftest import make_settings

HTTPS: dict[str, Any] = {
    "environment": "production",
    "public_url": "https://auth.example.com",
    "mail_url": "smtp://mail.example.com",
    "secret": secrets.token_urlsafe(48),
    "argon2": {},
}


@pytest.mark.parametrize(("changes", "protocol"), [(HTTPS, BoundedHttpsProtocol), ({}, BoundedProtocol)])
def test_refusals_of_the_server_itself_know_whether_it_is_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], protocol: type[BoundedProtocol]
) -> None:
    """So that they carry what every other answer does; nothing names the server, or believes a proxy."""
    asked: list[bool] = []

    def configuration(*, in_development: bool, **_options: bool) -> dict[str, Any]:
        asked.append(in_development)
        return {"version": 1, "disable_existing_loggers": False, "incremental": True}

    monkeypatch.setattr(log_lines, "configuration", configuration)
    auth = Gatewright(make_settings(f"sqlite:///{tmp_path / 'gatewright.db'}", **changes))
    config = processes._config(auth.routes, auth)
    assert config.http is protocol
    assert protocol.is_https is auth.is_https
    assert (config.server_header, config.proxy_headers, config.access_log) == (False, False, False)
    assert asked == [auth.settings.in_development]
