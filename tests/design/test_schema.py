"""The JSON Schema says what reading says, as far as a schema can."""

from __future__ import annotations

import dataclasses
import json

import jsonschema_rs
import pytest

from gatewright.design import document
from gatewright.design.checks.columns import _FITTING_TYPES
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.kinds import definition_name, keys_of, parts_within
from gatewright.design.schema import json_schema, schema_text
from gatewright.design.writing import write_design
from tests.design.documents import TUTORIAL, column, problems_of, table

_VALID = jsonschema_rs.validator_for(json_schema())


def test_the_schema_is_one_of_its_draft() -> None:
    """Editors can use it."""
    jsonschema_rs.meta.validate(json_schema())
    assert json.loads(schema_text()) == json_schema()
    assert schema_text().endswith("}\n")


def test_the_tutorials_design_is_valid() -> None:
    """What is written canonically satisfies the schema."""
    assert _VALID.is_valid(json.loads(write_design(import_javascript(TUTORIAL))))


@pytest.mark.parametrize(
    "raw",
    [
        table("Post", column("title", "Sting")),
        table("Post", column("title", isRequired="yes")),
        table("Post", colour="red"),
        table("Post", column("title", maxLength=-1)),
        table("Post", column("title", references={"tabel": "Post"})),
        table("Post", access={"list": "pubic"}),
        table("Post", column("title", isSystem=True)),
        table("Post", column("title", defaultValue=None)),
        table("__class__"),
        {"name": "Post"},
    ],
)
def test_what_the_schema_refuses_reading_refuses_too(raw: dict[str, object]) -> None:
    """Editor and command agree."""
    assert not _VALID.is_valid({"tables": [raw]})
    assert problems_of(raw)


@pytest.mark.parametrize("made_of", [document.Design, *parts_within(document.Design)], ids=definition_name)
def test_every_attribute_is_a_key_of_the_document(made_of: type) -> None:
    """Reading, writing and the schema follow from the attributes: none can be forgotten, and no two share a name."""
    keys = keys_of(made_of)
    assert [key.field for key in keys] == [field.name for field in dataclasses.fields(made_of) if field.init]
    assert len({key.name for key in keys}) == len(keys)


def test_every_part_of_a_design_is_reached() -> None:
    """A part that no key leads to could not be written."""
    assert {part.__name__ for part in parts_within(document.Design)} == {
        *(
            "Table",
            "Column",
            "Computed",
            "Reference",
            "Index",
            "ForeignKey",
            "Check",
            "Access",
            "Relationship",
            "RenamedValue",
        )
    }


def test_checks_know_only_keys_of_the_vocabulary() -> None:
    """A key that was renamed is renamed in the checks too."""
    assert set(_FITTING_TYPES) <= {key.name for key in keys_of(document.Column)}
