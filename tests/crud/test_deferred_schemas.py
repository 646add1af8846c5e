"""Schemas that the generator writes are built late; a mistake in those of an app is found as early as ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import PydanticSchemaGenerationError

from tests.crud.sample.generated.post.schemas import PostCreate, PostRead

ROOT = Path(__file__).parents[2]


class Unknown:
    """pydantic knows nothing about it."""


def test_generated_schemas_are_built_when_they_are_used() -> None:
    """An app of many tables does not pay at its start, nor in its memory, for those that nobody asks for."""
    script = (
        "from tests.crud.sample.generated.routers import router\n"
        "from tests.crud.sample.generated.post.schemas import PostCreate, PostRead\n"
        "print(PostCreate.__pydantic_complete__, PostRead.__pydantic_complete__)\n"
        "PostCreate.model_validate({'title': 'A title'})\n"
        "print(PostCreate.__pydantic_complete__)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "False", "True"]


def test_a_mistake_in_a_schema_of_the_app_stops_the_start() -> None:
    """It is found at the import, as in a schema that is no generated one's; a name that comes later may."""
    with pytest.raises(PydanticSchemaGenerationError):

        class OwnCreate(PostCreate):
            """A mistake."""

            extra: Unknown

    class Early(PostRead):
        """It refers to what comes behind it."""

        later: Later  # type: ignore[name-defined]  # noqa: F821

    assert not Early.__pydantic_complete__
