"""What a service works with: the kernel's parts, and where the request at hand came from."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.clock import Clock
from gatewright.core.audit.log import Audit, Origin
from gatewright.core.keys.key_watch import KeyWatch
from gatewright.core.limits.limiter import NO_ADDRESS, CallLimits, Limiter
from gatewright.core.mail.outbox import Outbox
from gatewright.core.passwords.hasher import PasswordHasher
from gatewright.core.passwords.pwned_passwords import PwnedPasswords
from gatewright.core.readiness import Readiness
from gatewright.core.revocation import Revocations
from gatewright.core.second_factor import SecondFactor
from gatewright.core.tokens.access_tokens import AccessTokens
from gatewright.core.tokens.device_tokens import DeviceTokens
from gatewright.core.tokens.refresh_tokens import RefreshTokens
from gatewright.core.vault import Vault
from gatewright.settings import KernelSettings
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Kernel:
    """The parts that all requests share, made once by the composition root."""

    settings: KernelSettings
    app_name: str
    clock: Clock
    db: Database
    vault: Vault
    passwords: PasswordHasher
    pwned_passwords: PwnedPasswords | None
    access_tokens: AccessTokens
    keys: KeyWatch | None
    refresh_tokens: RefreshTokens
    revocations: Revocations
    readiness: Readiness
    outbox: Outbox
    limits: Limiter
    device_tokens: DeviceTokens
    second_factors: tuple[SecondFactor, ...] = ()


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
    def app_name(self) -> str:
        """What mails and pages call the service."""
        return self._kernel.app_name

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        return self._kernel.clock

    @property
    def db(self) -> Database:
        """The database."""
        return self._kernel.db

    @property
    def vault(self) -> Vault:
        """Seals what is stored and has to be read back."""
        return self._kernel.vault

    @property
    def passwords(self) -> PasswordHasher:
        """Hashes passwords, off the event loop."""
        return self._kernel.passwords

    @property
    def pwned_passwords(self) -> PwnedPasswords | None:
        """Knows leaked passwords; None when the settings do not ask for it."""
        return self._kernel.pwned_passwords

    @property
    def access_tokens(self) -> AccessTokens:
        """Signs and verifies access tokens."""
        return self._kernel.access_tokens

    @property
    def keys(self) -> KeyWatch | None:
        """Keeps the signing keys as the database has them; None when the settings bring them."""
        return self._kernel.keys

    @property
    def refresh_tokens(self) -> RefreshTokens:
        """Makes and reads refresh tokens."""
        return self._kernel.refresh_tokens

    @property
    def revocations(self) -> Revocations:
        """What has ended or changed lately."""
        return self._kernel.revocations

    @property
    def readiness(self) -> Readiness:
        """Whether this worker can write."""
        return self._kernel.readiness

    @property
    def outbox(self) -> Outbox:
        """Takes mails."""
        return self._kernel.outbox

    @property
    def device_tokens(self) -> DeviceTokens:
        """Makes and reads device credentials."""
        return self._kernel.device_tokens

    @property
    def second_factors(self) -> tuple[SecondFactor, ...]:
        """The second factors that features have registered."""
        return self._kernel.second_factors

    @property
    def limits(self) -> CallLimits:
        """Counts what this request tries."""
        address = self.origin.ip_address
        # A request has an identifier and a command has none. What nobody can be counted by is counted together.
        if address is None and self.origin.request_id is not None:
            address = NO_ADDRESS
        return CallLimits(self._kernel.limits, address)

    @property
    def audit(self) -> Audit:
        """Writes events down, with this request's origin."""
        return Audit(self._kernel.db, self._kernel.clock, self.origin)
