"""Settings of signing in, whichever way."""

from __future__ import annotations

from typing import ClassVar

from gatewright.settings import Duration, FeatureSettings, setting


class LoginSettings(FeatureSettings):
    """Limits on signing in."""

    section: ClassVar[str] = "login"

    failures_per_minute: int = setting(
        5, "Failed logins per minute for one account and address, before its delay begins.", ge=1, le=1000
    )
    address_failures_per_minute: int = setting(
        10, "Failed logins per minute from one address, over all accounts.", ge=1, le=10_000
    )
    max_delay: Duration = setting("15m", "Longest delay of an account after failures.", ge="1s", le="1d")
    device_ttl: Duration = setting(
        "365d", "How long a device that has signed in is exempt from the delay of its account.", ge="1m", le="3650d"
    )
