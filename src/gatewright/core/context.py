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


@dataclass(frozen=True, eq=False)
class Kernel:
    """The parts that all requests share, made once by the composition root.

    Attributes:
        app_name: What mails and pages call the service.
        vault: Seals what is stored and has to be read back.
        passwords: Hashes passwords, off the event loop.
        pwned_passwords: Knows leaked passwords; None when the settings do not ask for it.
        keys: Keeps the signing keys as the database has them; None when the settings bring them.
        revocations: What has ended or changed lately.
        readiness: Whether this worker can write.
        second_factors: Those that features have registered.
        limiter: Counts what is tried; a request uses `Context.limits`.
    """

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
    limiter: Limiter
    device_tokens: DeviceTokens
    second_factors: tuple[SecondFactor, ...]


@dataclass(frozen=True, eq=False)
class Context(Kernel):
    """One request, or one command, as services see it: no HTTP in it.

    Attributes:
        origin: Where it came from, for sessions and the audit log.
    """

    origin: Origin

    @classmethod
    def of(cls, kernel: Kernel, origin: Origin) -> Context:
        """A context with the parts of *kernel*."""
        context = cls.__new__(cls)
        # As `__init__` would do, which takes 2 microseconds of each request for the 15 assignments of a frozen class.
        vars(context).update(vars(kernel), origin=origin)
        return context

    @property
    def limits(self) -> CallLimits:
        """Counts what this request tries."""
        address = self.origin.ip_address
        # A request has an identifier and a command has none. Requests without an address are counted together.
        if address is None and self.origin.request_id is not None:
            address = NO_ADDRESS
        return CallLimits(self.limiter, address)

    @property
    def audit(self) -> Audit:
        """Writes events down, with this request's origin."""
        return Audit(self.db, self.clock, self.origin)
