"""How settings are declared, read, checked before a start, and described.

`declare` and `sections` say what there is, `sources` where it comes from, `kernel` puts both together, `start`
refuses what is not safe, `reference` makes the table for the docs.
"""

from __future__ import annotations

from gatewright.roles import BUILT_IN_ROLES
from gatewright.settings.declare import FeatureSettings, SettingsPart, setting
from gatewright.settings.kernel import KernelSettings
from gatewright.settings.kinds import (
    Duration,
    OptionalSecret,
    Origins,
    Proxies,
    RedirectUrls,
    Secret,
    Secrets,
    WebUrl,
    Words,
)
from gatewright.settings.reference import Row, describe
from gatewright.settings.sections import (
    Argon2Settings,
    ClientSettings,
    DatabaseSettings,
    GeneratorSettings,
    RoleSettings,
)
from gatewright.settings.start import Prepared, prepare

__all__ = [
    "BUILT_IN_ROLES",
    "Argon2Settings",
    "ClientSettings",
    "DatabaseSettings",
    "Duration",
    "FeatureSettings",
    "GeneratorSettings",
    "KernelSettings",
    "OptionalSecret",
    "Origins",
    "Prepared",
    "Proxies",
    "RedirectUrls",
    "RoleSettings",
    "Row",
    "Secret",
    "Secrets",
    "SettingsPart",
    "WebUrl",
    "Words",
    "describe",
    "prepare",
    "setting",
]
