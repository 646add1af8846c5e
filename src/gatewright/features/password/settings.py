"""Settings of signing in with a password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import SecretStr, field_validator

from gatewright.core.passwords.foreign_hashes import SHORTEST_RESULT, read_base64
from gatewright.settings import FeatureSettings, OptionalSecret, WebUrl, setting


class PasswordSettings(FeatureSettings):
    """Signing in with a password."""

    section: ClassVar[str] = "password"

    token_form: bool = setting(
        True, "Accept a username and password at `/auth/token` (RFC 6749 section 4.3), for first-party clients."
    )
    pwned_passwords: bool = setting(
        False,
        "Refuse new passwords that are known from leaks, by querying Pwned Passwords. "
        "Needs `gatewright[pwned-passwords]`.",
    )
    pwned_passwords_url: WebUrl = setting(
        "https://api.pwnedpasswords.com", "URL of Pwned Passwords: the public API or a mirror."
    )
    firebase_signer_key: OptionalSecret = setting(
        None, "`base64_signer_key` of a Firebase project, for accounts imported from it."
    )

    def unsafe(self) -> Iterator[str]:
        """A mirror that anyone on the way could speak for."""
        if self.pwned_passwords and not self.pwned_passwords_url.startswith("https://"):
            yield (
                "GATEWRIGHT_PASSWORD__PWNED_PASSWORDS_URL begins with http:, so that what is asked could be read on "
                "its way. Set it to https."
            )

    @property
    def decoded_signer_key(self) -> bytes | None:
        """The bytes of `firebase_signer_key`."""
        return None if self.firebase_signer_key is None else read_base64(self.firebase_signer_key.get_secret_value())

    @field_validator("firebase_signer_key")
    @classmethod
    def _is_base64(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(read_base64(value.get_secret_value())) < SHORTEST_RESULT:
            raise ValueError("should be the base64_signer_key of the project's password hash parameters")
        return value
