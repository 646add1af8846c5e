"""The JSON Schema says what reading says, as far as a schema can."""

from __future__ import annotations

import dataclasses
import json

import jsonschema_rs
import pytest

from gatewright.design import document, vocabulary
from gatewright.design.checks.columns import _FITTING_TYPES
from gatewright.design.importers.javascript import import_javascript
from gatewright.design.schema import _SCHEMAS, json_schema, schema_text
from gatewright.design.structure import _READERS
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


@pytest.mark.parametrize(
    ("keys", "made_of"),
    [
        (vocabulary.DOCUMENT, document.Design),
        (vocabulary.TABLE, document.Table),
        (vocabulary.COLUMN, document.Column),
        (vocabulary.REFERENCE, document.Reference),
        (vocabulary.INDEX, document.Index),
        (vocabulary.ACCESS, document.Access),
        (vocabulary.RELATIONSHIP, document.Relationship),
    ],
)
def test_the_vocabulary_names_every_attribute_once(keys: tuple[vocabulary.Key, ...], made_of: type) -> None:
    """No attribute is lost in writing, none is unknown to the schema, and required is what has no default."""
    fields = {field.name: field for field in dataclasses.fields(made_of)}
    assert sorted(key.field for key in keys) == sorted(fields)
    for key in keys:
        field = fields[key.field]
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        assert key.required is needed


def test_checks_know_only_keys_of_the_vocabulary() -> None:
    """A key that was renamed is renamed in the checks too."""
    assert set(_FITTING_TYPES) <= {key.name for key in vocabulary.COLUMN}


def test_every_kind_of_value_is_described_and_read() -> None:
    """A new kind can't be forgotten on one side."""
    assert set(_SCHEMAS) == set(_READERS) == set(vocabulary.Kind)
