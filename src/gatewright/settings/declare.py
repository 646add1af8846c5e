"""How settings are declared: one class per section, one field per setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr
from pydantic.fields import FieldInfo

from gatewright.settings.values import duration

UNBUILT = "unbuilt"


class Unbuilt(StrEnum):
    """What a setting of the contract does that nothing reads yet."""

    STOPS = "setting it prevents the start"
    """It asks for a protection, which would be relied on."""

    WARNS = "has no effect"
    """A line says so at the start."""


if TYPE_CHECKING:
    # Not a BaseModel for type checkers: pydantic's plugin for mypy would read every inherited setting as the type
    # in which it may be given (`timedelta | int | str`).
    @dataclass_transform(eq_default=False, kw_only_default=True, field_specifiers=(Field, PrivateAttr))
    class SettingsPart:
        """Settings that belong together: unchangeable, and without names of their own making."""

        model_fields: ClassVar[dict[str, FieldInfo]]

        @property
        def model_fields_set(self) -> set[str]:
            """The names of the settings that were given."""

        def model_copy(self) -> Self:
            """A copy."""

        @classmethod
        def model_validate(cls, given: Any) -> Self:
            """The settings from a mapping."""

else:

    class SettingsPart(BaseModel):
        """Settings that belong together: unchangeable, and without names of their own making."""

        model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FeatureSettings(SettingsPart):
    """The settings of one feature: `[login] window` is `GATEWRIGHT_LOGIN__WINDOW`.

    `Settings` holds one of each, under the name that `section` gives. Every field has a default, and a
    `description` for the reference page. Built on its own, a section takes nothing from the environment, and
    raises pydantic's ValidationError (without the value) instead of SetupError.
    """

    section: ClassVar[str]

    def unsafe(self) -> Iterable[str]:
        """What production refuses to start with: a sentence for each, with the name of the variable."""
        return ()


class Selection(Protocol):
    """Which features are on, as far as settings need to know."""

    @property
    def sections(self) -> Mapping[str, type[FeatureSettings]]:
        """The sections of the features that are on, by name."""
        ...

    @property
    def sections_off(self) -> Mapping[str, str]:
        """The feature behind each section that is not there because its feature is off."""
        ...

    def has(self, feature: str) -> bool:
        """Whether the feature called *feature* is on."""
        ...


class Everything:
    """The selection of settings that know of no features: no section is theirs, and nothing is off."""

    sections: Mapping[str, type[FeatureSettings]] = {}
    sections_off: Mapping[str, str] = {}

    def has(self, _feature: str) -> bool:
        """Whether a feature is on."""
        return True


def setting(default: Any, description: str, *, unbuilt: Unbuilt | None = None, **limits: Any) -> Any:
    """Declare one setting: pydantic's `Field`, with the default and the limits written as a user would write them.

    Args:
        default: Checked and converted as if it had been given: `"15m"` will do for a duration.
        description: One sentence for the reference page.
        unbuilt: What asking for it does while nothing reads it; the description says so.
        limits: `ge`, `le` and the like; for durations as text.
    """
    converted: dict[str, Any] = {
        name: duration(limit) if isinstance(limit, str) else limit for name, limit in limits.items()
    }
    if unbuilt is not None:
        description = f"{description} Not built yet: {unbuilt}."
        converted["json_schema_extra"] = {UNBUILT: unbuilt.value}
    return Field(default, description=description, validate_default=True, **converted)
