"""An installation whose settings a start accepts, and whose database is up to date."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.core.vault import Vault
from gatewright.selection import Settings
from gatewright.settings import Prepared
from gatewright.storage.database import Database


@dataclass(frozen=True, slots=True)
class Installation:
    """What checks look at.

    Attributes:
        db: The database; it answers, and its tables are up to date.
        settings: As they were read.
        prepared: What a start makes of them.
    """

    db: Database
    settings: Settings
    prepared: Prepared

    @property
    def vault(self) -> Vault:
        """What opens the values that are sealed at rest."""
        return Vault(self.prepared.secrets)
