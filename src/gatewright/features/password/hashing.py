"""What the kernel needs to know of passwords, made from the settings."""

from __future__ import annotations

from gatewright.core.passwords.foreign_hashes import ForeignHashes
from gatewright.core.passwords.hasher import Argon2Parameters, PasswordHasher
from gatewright.core.passwords.pwned_passwords import PwnedPasswords
from gatewright.features.password.settings import PasswordSettings
from gatewright.settings import KernelSettings


def hasher_of(settings: KernelSettings) -> PasswordHasher:
    """Hashes as the settings ask for, and verifies what other systems made."""
    argon2 = settings.argon2
    return PasswordHasher(
        Argon2Parameters(argon2.memory_kib, argon2.iterations, argon2.parallelism),
        queue_ms=settings.hash_queue_ms,
        foreign=ForeignHashes(firebase_signer_key=_section(settings).decoded_signer_key),
    )


def pwned_passwords_of(settings: KernelSettings) -> PwnedPasswords | None:
    """Knows leaked passwords; None when the settings do not ask for it.

    Raises:
        SetupError: They do, and its HTTP client is not installed.
    """
    asked = _section(settings)
    return PwnedPasswords(asked.pwned_passwords_url) if asked.pwned_passwords else None


def _section(settings: KernelSettings) -> PasswordSettings:
    # The kernel hashes and verifies also where the feature is off.
    return settings.section(PasswordSettings) if settings.has_feature("password") else PasswordSettings()
