"""What a resource shows of the rows that a row leads to."""

from __future__ import annotations

from dataclasses import dataclass

from gatewright.design.naming import camel_case
from gatewright.http.schemas import ResponseBody


@dataclass(frozen=True, slots=True)
class ToOne:
    """A relation to at most one row.

    Attributes:
        attribute: The model's.
        schema: What clients get of the row.
    """

    attribute: str
    schema: type[ResponseBody]

    @property
    def name(self) -> str:
        """As clients write it."""
        return camel_case(self.attribute)


@dataclass(frozen=True, slots=True)
class ToMany(ToOne):
    """A relation to any number of rows."""

    @property
    def path(self) -> str:
        """The last step of the path of the rows."""
        return self.attribute.replace("_", "-")
