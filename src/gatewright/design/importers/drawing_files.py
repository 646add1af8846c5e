"""The JSON files of tools that draw databases: reading them, with their faults as problems of a design."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from gatewright.design.problems import DesignError, Problem, step

_MOST = 20


class Part(BaseModel):
    """A part of such a file. Keys that are not named here are about the drawing."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", coerce_numbers_to_str=True
    )


Whole = TypeVar("Whole", bound=Part)


def read_part(kind: type[Whole], raw: object) -> Whole:
    """*raw* as a file of this kind.

    Raises:
        DesignError: It is another file; each fault is named by its path.
    """
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        problems = []
        for fault in error.errors(include_url=False, include_input=False)[:_MOST]:
            path = ""
            for place in fault["loc"]:
                path = f"{path}[{place}]" if isinstance(place, int) else step(path, str(place))
            problems.append(Problem(path, fault["msg"][:1].lower() + fault["msg"][1:]))
        raise DesignError(problems) from None
