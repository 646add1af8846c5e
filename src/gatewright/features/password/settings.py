"""Settings of signing in with a password."""

from __future__ import annotations

from typing import ClassVar

from gatewright.settings import FeatureSettings, setting


class PasswordSettings(FeatureSettings):
    """Signing in with a password."""

    section: ClassVar[str] = "password"

    token_form: bool = setting(
        True, "Whether `/auth/token` takes a username and password (RFC 6749 section 4.3), for first-party clients."
    )
    pwned_passwords: bool = setting(
        False, "Whether new passwords are looked up in Pwned Passwords. Not built yet: has no effect."
    )
