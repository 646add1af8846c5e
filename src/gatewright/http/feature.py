"""What a feature declares of itself. App, OpenAPI, migrations and reference pages follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatewright.core.housekeeping import Sweep
from gatewright.core.mail.letters import Mail
from gatewright.design.document import Design
from gatewright.http.routing import Router


@dataclass(frozen=True)
class Feature:
    """One feature, as `FEATURE` in its folder's `__init__.py`.

    Attributes:
        name: The folder's name.
        tables: Its design fragments, in the vocabulary of `db.design.json`.
        router: Its routes, or what makes them for a design.
        events: The names of its audit events, each with a sentence for the reference.
        sweeps: How rows of its tables are removed when their time is over.
        mails: What it sends.
    """

    name: str
    tables: tuple[Mapping[str, Any], ...] = ()
    router: Router | Callable[[Design], Router] | None = None
    events: Mapping[str, str] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    mails: tuple[Mail, ...] = ()

    def router_for(self, design: Design) -> Router | None:
        """Its routes in an app with *design*."""
        return self.router if self.router is None or isinstance(self.router, Router) else self.router(design)
