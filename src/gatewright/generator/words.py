"""Names of tables and columns in the generated code. The checks of the design make sure that no two are alike."""

from __future__ import annotations

from gatewright.design.document import Column, Table
from gatewright.design.naming import camel_case, kebab_plural, pascal_case, plural, snake_case


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
    """The column's name in Python: `author_id`."""
    return snake_case(column.name)


def wire_name(column: Column) -> str:
    """The column's name in requests and answers: `authorId`."""
    return camel_case(column.name)
