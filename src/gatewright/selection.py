"""Which features are on: the package's own without those that the settings switch off, and those that they add."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.core.engine_tables import design_of
from gatewright.errors import SetupError
from gatewright.features import (
    account_pages,
    admin,
    email_verification,
    inbox,
    introspection,
    invitations,
    login,
    password,
    privacy,
    reauthentication,
    sessions,
    signing_keys,
    users,
)
from gatewright.http.feature import Feature
from gatewright.http.feature_set import FeatureSet
from gatewright.settings import KernelSettings
from gatewright.settings.sections import SelectionSettings
from gatewright.storage.database import Database
from gatewright.storage.dialects import open_database

if TYPE_CHECKING:
    from gatewright.design.document import Design
    from gatewright.features.login.settings import LoginSettings
    from gatewright.features.password.settings import PasswordSettings

FEATURES: tuple[Feature, ...] = (
    login.FEATURE,
    password.FEATURE,
    reauthentication.FEATURE,
    sessions.FEATURE,
    email_verification.FEATURE,
    invitations.FEATURE,
    users.FEATURE,
    privacy.FEATURE,
    account_pages.FEATURE,
    inbox.FEATURE,
    signing_keys.FEATURE,
    introspection.FEATURE,
    admin.FEATURE,
)
"""The package's own features, in the order in which the docs show them."""

ALWAYS_ON = frozenset({"users", "sessions", "login"})


class Settings(KernelSettings):
    """Everything that can be set: the kernel's own settings, and a section for each feature that is on."""

    if TYPE_CHECKING:
        # For type checkers alone, so that they know the keywords: the features declare their sections.
        login: LoginSettings = LoginSettings()
        password: PasswordSettings = PasswordSettings()
    else:

        def __getattr__(self, name):
            """A feature's section by its name."""
            for section in self.sections() if not name.startswith("_") else ():
                if section.section == name:
                    return section
            return super().__getattr__(name)

    @classmethod
    def _select(cls, asked: SelectionSettings) -> FeatureSet:
        return select(asked.off, asked.add)

    @property
    def feature_set(self) -> FeatureSet:
        """The features that are on."""
        assert isinstance(self.selection, FeatureSet)
        return self.selection


@cache
def select(off: Sequence[str] = (), add: Sequence[str] = ()) -> FeatureSet:
    """The features that are on.

    Args:
        off: Names of the package's own that are not.
        add: Others, as `MODULE:NAME`.

    Raises:
        SetupError: A name is not known or cannot be switched off, an addition cannot be imported or is no feature, or
            the features do not go together.
    """
    for name in off:
        _check_can_be_off(name)
    kept = [feature for feature in FEATURES if feature.name not in off]
    return FeatureSet([*kept, *map(_load, add)], [feature for feature in FEATURES if feature.name in off])


def open_database_of(settings: Settings, design: Design | None = None, features: FeatureSet | None = None) -> Database:
    """The database that *settings* name, not yet started.

    Args:
        design: What its tables are, besides the kernel's and those of features; that of the settings' folder when left
            out.
        features: Those that are on, where the settings do not say it.

    Raises:
        DesignError: Something is wrong with the design.
        SetupError: Its driver is not installed.
    """
    migrations = settings.migration_database_url
    return open_database(
        settings.database_url.get_secret_value(),
        (features or settings.feature_set).schema(design or design_of(settings.folder)),
        pool_size=settings.database.pool_size,
        migration_url=None if migrations is None else migrations.get_secret_value(),
        pgbouncer=settings.database.pgbouncer,
        lock_seconds=settings.migration_lock_timeout.total_seconds(),
    )


def _check_can_be_off(name: str) -> None:
    known = [feature.name for feature in FEATURES]
    if name in ALWAYS_ON:
        raise SetupError(f"[features] off: {name} cannot be switched off.")
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(sorted({*known} - ALWAYS_ON))}."
        raise SetupError(f"[features] off: there is no feature {name}; {hint}")


def _load(path: str) -> Feature:
    module, _, name = path.partition(":")
    if not module or not name:
        raise SetupError(f"[features] add: {path} should be MODULE:NAME, such as app.sms:FEATURE.")
    # As for the app's own code: commands run in its folder.
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), name, None)
    except Exception as error:
        reason = f"{type(error).__name__}: {error.msg}" if isinstance(error, ImportError) else type(error).__name__
        raise SetupError(f"[features] add: {module} cannot be imported ({reason}).") from error
    if found is None:
        raise SetupError(f"[features] add: {module} has no {name}.")
    if not isinstance(found, Feature):
        raise SetupError(f"[features] add: {path} is not a gatewright.Feature, but of type {type(found).__name__}.")
    return found
