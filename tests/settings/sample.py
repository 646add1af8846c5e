"""An installation with one feature, as `app.py` puts it together."""

from __future__ import annotations

from typing import ClassVar

from gatewright.settings import Duration, FeatureSettings, KernelSettings, OptionalSecret, SettingsPart, setting


class ProviderSettings(SettingsPart):
    client_id: str = setting("", "Who we are to the provider.")
    client_secret: OptionalSecret = setting(None, "What only the provider and we know.")


class LoginSettings(FeatureSettings):
    section: ClassVar[str] = "login"

    window: Duration = setting("1m", "How long failures count.", ge="1s", le="1h")
    tries: int = setting(5, "Failures in that time.", ge=1)
    google: ProviderSettings | None = setting(None, "Signing in with Google.")


class Settings(KernelSettings):
    login: LoginSettings = LoginSettings()


GOOD_SECRET = "kW2vX9-qLr7TzB4_nMcE8sYfA1hJdU6p"  # 32 bytes, of this file only
