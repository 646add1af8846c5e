"""What a feature declares of itself. App, OpenAPI, migrations and reference pages follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gatewright.core.housekeeping import Sweep
from gatewright.core.mail.letters import Mail
from gatewright.core.reencryption import SealedColumn
from gatewright.core.second_factor import SecondFactor
from gatewright.design.document import Design
from gatewright.http.routing import Router
from gatewright.migrations.histories import FeatureTables
from gatewright.settings import FeatureSettings


@dataclass(frozen=True)
class Tag:
    """A heading of the OpenAPI document.

    Attributes:
        name: As the routes name it.
        description: What they are for, in one sentence.
    """

    name: str
    description: str


@dataclass(frozen=True)
class Feature:
    """One feature, as `FEATURE` in its folder's `__init__.py`.

    Attributes:
        name: The folder's name.
        requires: The names of the features that it does not work without.
        settings: Its section of the settings.
        router: Its routes, or a function that makes them for a design.
        tag: The heading of its routes in the OpenAPI document.
        events: The names of its audit events, each with a sentence for the reference.
        sweeps: Functions that remove the rows of its tables when their time is over.
        mails: The mails that it sends.
        sealed: The columns that hold what it seals with the vault.
        second_factor: The second factor that it brings.
        tables: The tables that it brings.
    """

    name: str
    requires: tuple[str, ...] = ()
    settings: type[FeatureSettings] | None = None
    router: Router | Callable[[Design], Router] | None = None
    tag: Tag | None = None
    events: Mapping[str, str] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    mails: tuple[Mail, ...] = ()
    sealed: tuple[SealedColumn, ...] = ()
    second_factor: SecondFactor | None = None
    tables: FeatureTables | None = None

    def router_for(self, design: Design) -> Router | None:
        """Its routes in an app with *design*."""
        return self.router if self.router is None or isinstance(self.router, Router) else self.router(design)
