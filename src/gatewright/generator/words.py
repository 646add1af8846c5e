"""What tables and columns are called in the generated code, and which names can't stand there together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic.alias_generators import to_camel

from gatewright.design.document import Column, Design, Table
from gatewright.design.naming import kebab_plural, pascal_case, plural, snake_case
from gatewright.design.problems import DesignError, Problem, quoted

# Modules beside the folders of the tables.
_TAKEN_FOLDERS = frozenset({"base", "routers", "tests"})


def folder(table: Table) -> str:
    """The folder of the table's code: `blog_post`."""
    return snake_case(table.name)


def class_name(table: Table) -> str:
    """The model's class: `BlogPost`."""
    return pascal_case(table.name)


def path(table: Table) -> str:
    """Where the table's resource is: `/blog-posts`."""
    return f"/{kebab_plural(table.name)}"


def one(table: Table) -> str:
    """A row, in words: `blog post`."""
    return snake_case(table.name).replace("_", " ")


def many(table: Table) -> str:
    """Rows, in words: `blog posts`."""
    return plural(snake_case(table.name)).replace("_", " ")


def attribute(column: Column) -> str:
    """What the column is called in Python: `author_id`."""
    return snake_case(column.name)


def wire_name(column: Column) -> str:
    """What the column is called in requests and answers: `authorId`."""
    return to_camel(attribute(column))


def refuse_clashes(design: Design) -> None:
    """Refuse names that are different in the design and alike in the code.

    Raises:
        DesignError: There are some; each is named.
    """
    problems = list(_clashes(design))
    if problems:
        raise DesignError(problems)


def _clashes(design: Design) -> Iterator[Problem]:
    for i, table in enumerate(design.tables):
        if folder(table) in _TAKEN_FOLDERS:
            message = f"would be {folder(table)} in app/generated/, where that is something else"
            yield Problem(f"tables[{i}].name", message)
        taken: dict[str, str] = {}
        for j, column in enumerate(table.columns):
            spot = f"tables[{i}].columns[{j}].name"
            yield from _clash(spot, column.name, (attribute(column), wire_name(column)), taken)
    taken = {}
    for i, table in enumerate(design.tables):
        yield from _clash(f"tables[{i}].name", table.name, (folder(table), path(table)), taken)


def _clash(spot: str, name: str, forms: Iterable[str], taken: dict[str, str]) -> Iterator[Problem]:
    for form in dict.fromkeys(forms):
        if form in taken and taken[form] != name:
            yield Problem(spot, f"{quoted(name)} would be {form} in the code, and so would {quoted(taken[form])}")
            return
    taken.update(dict.fromkeys(forms, name))
