"""Rows as dataclasses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, literal, select

from gatewright.core.engine_tables import built_in_design
from gatewright.storage.database import Transaction
from gatewright.storage.rows import Row, columns_of, others_as
from gatewright.storage.schema import Schema

PETS = Table("pets", MetaData(), Column("id", Integer), Column("name", String), Column("colour", String))


@dataclass(frozen=True, slots=True)
class Pet:
    name: str
    age: int


@dataclass(frozen=True, slots=True)
class PetWithOthers:
    name: str
    others: Row = field(metadata=others_as(dict))


def run(work: Callable[[Transaction], object]) -> object:
    with create_engine("sqlite://").connect() as connection:
        PETS.create(connection)
        connection.execute(PETS.insert().values(id=1, name="Rex", colour="brown"))
        return work(Transaction(connection, Schema(built_in_design())))


def test_a_row_has_a_field_for_each_column() -> None:
    """The columns come from the class: those of the table by name, and expressions under the names of their fields."""
    statement = select(*columns_of(PETS, Pet, age=literal(7)))
    assert run(lambda tx: (tx.one(statement, Pet), tx.all(statement, Pet))) == (Pet("Rex", 7), [Pet("Rex", 7)])


def test_columns_that_a_design_adds_are_in_the_last_field() -> None:
    """A mapping holds what is behind the columns that the class names."""
    statement = select(*columns_of(PETS, PetWithOthers), PETS.c.colour, PETS.c.id)
    assert run(lambda tx: tx.one(statement, PetWithOthers)) == PetWithOthers("Rex", {"colour": "brown", "id": 1})


@pytest.mark.parametrize("columns", [("colour", "name"), ("name",), ("name", "id"), ("name", "id", "colour")])
def test_other_columns_than_the_class_has_are_refused(columns: tuple[str, ...]) -> None:
    """Values go to fields by their place, so that a statement with another order would swap them."""
    statement = select(*(PETS.c[name] for name in columns))
    with pytest.raises(TypeError, match="Pet has the fields"):
        run(lambda tx: tx.one(statement, Pet))


def test_single_values_are_given_without_a_row() -> None:
    """For a statement that gives one column, or is asked only whether it gives anything."""
    names, none = select(PETS.c.name), select(PETS.c.name).where(PETS.c.id == 2)
    assert run(lambda tx: (tx.value(names), tx.values(names), tx.exists(names))) == ("Rex", ["Rex"], True)
    assert run(lambda tx: (tx.value(none), tx.values(none), tx.exists(none))) == (None, [], False)
