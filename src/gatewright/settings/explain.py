"""What is wrong with the settings, in sentences that never hold a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from gatewright.errors import SetupError
from gatewright.settings.sources import Reading

_LIMITS = {"ge": "at least", "le": "at most", "gt": "more than", "lt": "less than"}
_SECTION_ERRORS = {"model_type", "model_attributes_type", "dict_type", "mapping_type"}


def explain(error: ValidationError, reading: Reading, *section: str) -> list[str]:
    """One sentence for each invalid value, beginning with the name as the user spelled it.

    Args:
        section: The section of a feature whose values were checked on their own.
    """
    return [
        f"{reading.spelling((*section, *map(str, problem['loc'])))}: {_sentence(problem['type'], problem)}"
        for problem in error.errors(include_url=False, include_input=False)
    ]


def _sentence(kind: str, problem: Any) -> str:
    context: dict[str, Any] = problem.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "is missing"
    if kind in _SECTION_ERRORS:
        return "should be a section with settings in it"
    for key, words in _LIMITS.items():
        if key in context:
            return f"should be {words} {context[key]}"
    return str(problem["msg"]).replace("Input should be", "should be", 1)


def refusal(problems: Sequence[str], advice: str = "") -> SetupError:
    """One error for all *problems*, a line each."""
    lines = list(problems) if len(problems) == 1 else [f"  {problem}" for problem in problems]
    heading = [] if len(problems) == 1 else ["These settings are not valid:"]
    return SetupError("\n".join([*heading, *lines, *([advice] if advice else [])]))
