"""What a service works with: the kernel's parts, and where the request at hand came from."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.clock import Clock
from gatewright.core.access_tokens import AccessTokens
from gatewright.core.audit import Audit, Origin
from gatewright.core.passwords import PasswordHasher
from gatewright.core.refresh_tokens import RefreshTokens
from gatewright.core.revocation import Revocations
from gatewright.core.vault import Vault
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Kernel:
    """The parts that all requests share, made once by the composition root."""

    settings: KernelSettings
    clock: Clock
    db: Database
    vault: Vault
    passwords: PasswordHasher
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens
    revocations: Revocations


class Context:
    """One request, or one command, as services see it: no HTTP in it.

    Attributes:
        origin: Where it came from, for sessions and the audit log.
    """

    __slots__ = ("_kernel", "origin")

    def __init__(self, kernel: Kernel, origin: Origin) -> None:
        self._kernel = kernel
        self.origin = origin

    @property
    def settings(self) -> KernelSettings:
        """Everything that can be set."""
        return self._kernel.settings

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return self._kernel.clock

    @property
    def db(self) -> Database:
        """The database."""
        return self._kernel.db

    @property
    def passwords(self) -> PasswordHasher:
        """Hashes passwords, off the event loop."""
        return self._kernel.passwords

    @property
    def access_tokens(self) -> AccessTokens:
        """Signs and verifies access tokens."""
        return self._kernel.access_tokens

    @property
    def refresh_tokens(self) -> RefreshTokens:
        """Makes and reads refresh tokens."""
        return self._kernel.refresh_tokens

    @property
    def revocations(self) -> Revocations:
        """What has ended or changed lately."""
        return self._kernel.revocations

    @property
    def audit(self) -> Audit:
        """Writes events down, with this request's origin."""
        return Audit(self._kernel.db, self._kernel.clock, self.origin)
