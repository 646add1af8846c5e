"""The features that are on, and what they declare together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

from gatewright.core import reencryption
from gatewright.core.housekeeping import Sweep
from gatewright.core.mail.letters import Mail
from gatewright.core.reencryption import SealedColumn
from gatewright.core.second_factor import SecondFactor
from gatewright.design.document import Design
from gatewright.errors import SetupError
from gatewright.http.feature import Feature, Tag
from gatewright.http.routing import Router
from gatewright.migrations.histories import History, histories_of
from gatewright.settings import FeatureSettings, KernelSettings
from gatewright.storage.schema import Schema, schema_of

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

Item = TypeVar("Item")


class FeatureSet:
    """The features that are on.

    Args:
        features: Those that are on, in the order in which the docs show them.
        off: Those of the package that are not.

    Raises:
        SetupError: One requires a feature that is not on, or two declare something under the same name.
    """

    def __init__(self, features: Sequence[Feature], off: Iterable[Feature] = ()) -> None:
        self.features = tuple(features)
        self.names = tuple(feature.name for feature in features)
        self._check_names()
        self._check_requirements()
        self.sections_off: Mapping[str, str] = {
            feature.settings.section: feature.name for feature in off if feature.settings is not None
        }

    def has(self, feature: str) -> bool:
        """Whether the feature called *feature* is on."""
        return feature in self.names

    @cached_property
    def sections(self) -> Mapping[str, type[FeatureSettings]]:
        """Their sections of the settings, by name."""
        return {kind.section: kind for feature in self.features if (kind := feature.settings) is not None}

    @cached_property
    def mails(self) -> Mapping[str, Mail]:
        """Their mails, by name."""
        return {mail.name: mail for mail in self._all(lambda feature: feature.mails)}

    @property
    def events(self) -> Mapping[str, str]:
        """Their audit events, each with its sentence."""
        return dict(self._all(lambda feature: feature.events.items()))

    @property
    def sweeps(self) -> list[Sweep]:
        """What removes their rows when their time is over."""
        return self._all(lambda feature: feature.sweeps)

    @property
    def sealed(self) -> list[SealedColumn]:
        """The columns that hold what the kernel and they seal."""
        return [*reencryption.SEALED, *self._all(lambda feature: feature.sealed)]

    @property
    def second_factors(self) -> tuple[SecondFactor, ...]:
        """The second factors that they bring."""
        return tuple(feature.second_factor for feature in self.features if feature.second_factor is not None)

    @property
    def tags(self) -> list[Tag]:
        """The headings of the OpenAPI document."""
        return [feature.tag for feature in self.features if feature.tag is not None]

    def routers(self, design: Design) -> list[Router]:
        """Their routes in an app with *design*."""
        return [router for feature in self.features if (router := feature.router_for(design)) is not None]

    def schema(self, design: Design) -> Schema:
        """The tables of *design*, of the kernel and of these features.

        Raises:
            SetupError: A table of a feature is not what a kernel's table has to be.
        """
        return schema_of(
            design, tuple(feature.tables.define for feature in self.features if feature.tables is not None)
        )

    @property
    def own_histories(self) -> list[History]:
        """The histories of their tables.

        Raises:
            SetupError: Revisions cannot be read, or there are two that come last.
        """
        return [feature.tables.history(feature.name) for feature in self.features if feature.tables is not None]

    def histories(self, folder: Path) -> tuple[History, ...]:
        """The histories that a database of the app in *folder* has, in the order in which they are applied.

        Raises:
            SetupError: Revisions cannot be read, or there are two that come last.
        """
        return (*histories_of(folder), *self.own_histories)

    def _all(self, declared: Callable[[Feature], Iterable[Item]]) -> list[Item]:
        return list(chain.from_iterable(map(declared, self.features)))

    def _check_names(self) -> None:
        for name in self.names:
            if not _NAME.fullmatch(name):
                raise SetupError(
                    f"The name of the feature {name!r} should be lower case: a letter, letters, digits, _."
                )
            if self.names.count(name) > 1:
                raise SetupError(f"Two features are called {name}. Give yours another name.")
        kernel = [(section, "the kernel") for section in KernelSettings.model_fields]
        self._check_unique("section", lambda feature: [feature.settings.section] if feature.settings else [], kernel)
        self._check_unique("mail", lambda feature: [mail.name for mail in feature.mails])
        self._check_unique("purpose", lambda feature: [each.name for mail in feature.mails for each in mail.purposes])
        self._check_unique("event", lambda feature: feature.events)
        self._check_unique(
            "second factor", lambda feature: [feature.second_factor.method] if feature.second_factor else []
        )
        self._check_unique("heading", lambda feature: [feature.tag.name] if feature.tag else [])

    def _check_unique(
        self, kind: str, declared: Callable[[Feature], Iterable[str]], taken: Iterable[tuple[str, str]] = ()
    ) -> None:
        owners = dict(taken)
        for feature in self.features:
            for name in declared(feature):
                owner = owners.setdefault(name, feature.name)
                if owner != feature.name:
                    raise SetupError(f"The features {owner} and {feature.name} both declare the {kind} {name}.")

    def _check_requirements(self) -> None:
        for feature in self.features:
            for required in feature.requires:
                if not self.has(required):
                    raise SetupError(
                        f"The feature {feature.name} requires {required}, which is not on. "
                        f"Switch {required} on, or {feature.name} off as well."
                    )
