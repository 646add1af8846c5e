"""Settings of signing in, whichever way."""

from __future__ import annotations

from typing import ClassVar

from gatewright.settings import Duration, FeatureSettings, setting


class LoginSettings(FeatureSettings):
    """Limits on signing in. Not built yet: they have no effect."""

    section: ClassVar[str] = "login"

    failures_per_minute: int = setting(
        5, "Failed logins a minute for one account from one address. Not built yet: has no effect.", ge=1, le=1000
    )
    address_failures_per_minute: int = setting(
        10, "Failed logins a minute from one address over all accounts. Not built yet: has no effect.", ge=1, le=10_000
    )
    max_delay: Duration = setting(
        "15m", "The longest delay for an account after failures. Not built yet: has no effect.", ge="1s", le="1d"
    )
