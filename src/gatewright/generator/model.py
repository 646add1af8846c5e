"""From a design to the views that templates print. Every decision is made here; a template only loops and prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from gatewright.design.document import CALLS, Access, Column, Design, Table
from gatewright.design.naming import snake_case
from gatewright.design.python_text import docstring_text
from gatewright.design.relations import Relation, relations_of
from gatewright.design.settable import changeable, settable
from gatewright.design.soft_deletion import deleted_at
from gatewright.generator import words
from gatewright.generator.columns import create_field, mapped, read_field, update_field
from gatewright.generator.imports import Imports
from gatewright.generator.literals import Code, docstring, literal, name
from gatewright.generator.relations import attribute, related_attribute, related_rows, targets
from gatewright.generator.table_rules import rules
from gatewright.storage.schema import Schema


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a class: `title: crud.String = …`."""

    name: Code
    code: Code


@dataclass(frozen=True, slots=True)
class ModelView:
    """The module of a table's model.

    Attributes:
        name: The table's name in the database, as a literal.
        rules: The items of `__table_args__`: indexes, checks, and references of several columns.
        relations: The attributes that lead to other rows.
        related: The classes that these name, each with its module's folder.
        typing: What `typing` is called there.
    """

    name: Code
    imports: Imports
    docstring: Code
    columns: tuple[Line, ...]
    rules: tuple[Code, ...]
    relations: tuple[Line, ...]
    related: tuple[Line, ...]
    typing: Code


@dataclass(frozen=True, slots=True)
class SchemasView:
    """The module of a table's schemas.

    Attributes:
        crud: What `gatewright.crud` is called there.
    """

    imports: Imports
    crud: Code
    docstring: Code
    read: tuple[Line, ...]
    create: tuple[Line, ...]
    update: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """One table.

    Attributes:
        is_system: One of the engine's, which is only read.
        folder: Of its code, in `generated/` and in `modules/`.
        design_name: The table's name in the design, as a literal.
        name: The model's class.
        database: The table's name in the database, for docstrings.
        path: Of its resource, without quotes.
        tag: Under which the document lists it.
        one: A row, in words.
        many: Rows, in words.
        owner: The attribute with the owner of a row, as a literal; None without one.
        audit: Whether the audit log records changes of rows.
        deleted_at: The attribute with the time of deletion, as a literal; None where deleted rows are not kept.
        access: The calls that have rules, each with the list of them.
        relations: The related rows that clients see.
        related: The schemas that these name, each with its module's folder.
    """

    is_system: bool
    folder: Code
    design_name: Code
    name: Code
    database: Code
    path: Code
    tag: Code
    one: Code
    many: Code
    model: ModelView
    schemas: SchemasView
    owner: Code | None
    audit: bool
    deleted_at: Code | None
    access: tuple[Line, ...]
    relations: tuple[Code, ...]
    related: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class AppView:
    """A whole app.

    Attributes:
        package: The package that holds `generated` and `modules`.
        tests: The package of the app's own tests.
        first_party: The packages that are the app's own, as a list in TOML.
        tables: In the order of their folders.
    """

    package: Code
    tests: Code
    first_party: Code
    tables: tuple[TableView, ...]


def app_view(design: Design, package: str = "app") -> AppView:
    """What is printed for a completed *design*."""
    schema = Schema(design)
    tables = sorted(design.tables, key=words.folder)
    relations = relations_of(design)
    views = tuple(_table_view(table, schema[table.name], relations[table.name]) for table in tables)
    parts = [name(part) for part in package.split(".")]
    return AppView(
        package=Code(".".join(parts)),
        tests=Code(".".join([*parts[:-1], "tests"])),
        first_party=Code(", ".join(f'"{part}"' for part in dict.fromkeys([parts[0], "tests"]))),
        tables=views,
    )


def _table_view(table: Table, built: sa.Table, relations: tuple[Relation, ...]) -> TableView:
    shown = [relation for relation in relations if relation.is_shown]
    marked = deleted_at(table)
    return TableView(
        is_system=table.is_system,
        folder=name(words.folder(table)),
        design_name=literal(table.name),
        name=name(words.class_name(table)),
        database=Code(docstring_text(table.full_name)),
        path=Code(words.path(table)),
        tag=Code(words.path(table).lstrip("/")),
        one=Code(words.one(table)),
        many=Code(words.many(table)),
        model=_model_view(table, built, relations),
        schemas=_schemas_view(table),
        owner=_owner(table),
        audit=table.audit and not table.is_system,
        deleted_at=None if marked is None else literal(words.attribute(marked)),
        access=tuple(_access_lines(table)),
        relations=tuple(map(related_rows, shown)),
        related=tuple(Line(name(f"{words.class_name(t)}Read"), name(words.folder(t))) for t in targets(shown)),
    )


def _owner(table: Table) -> Code | None:
    """The attribute with the owner of a row, or the way to it: `post.author_id`."""
    owner = table.access.owner_column
    return None if owner is None else literal(".".join(map(snake_case, owner.split("."))))


def _model_view(table: Table, built: sa.Table, relations: tuple[Relation, ...]) -> ModelView:
    attributes = [attribute(relation) for relation in relations]
    imports = Imports({*map(words.attribute, table.columns), *attributes})
    columns = tuple(
        Line(name(words.attribute(column)), mapped(column, built.c[column.database_name], imports))
        for column in table.columns
    )
    related = [each for each in targets(relations) if each.name != table.name]
    return ModelView(
        literal(table.database_name),
        imports,
        _docstring(table),
        columns,
        tuple(rules(table, built, imports)),
        tuple(Line(attribute(relation), related_attribute(relation, imports)) for relation in relations),
        tuple(Line(name(words.class_name(each)), name(words.folder(each))) for each in related),
        Code(imports("typing") if related else ""),
    )


def _schemas_view(table: Table) -> SchemasView:
    imports = Imports(set(map(words.attribute, table.columns)))
    shown = [column for column in table.columns if not column.is_hidden]
    return SchemasView(
        imports,
        Code(imports("crud")),
        _docstring(table),
        read=_lines(shown, read_field, imports),
        create=_lines(settable(table), create_field, imports),
        update=_lines(changeable(table), update_field, imports),
    )


def _lines(columns: list[Column], field: Callable[[Column, Imports], Code], imports: Imports) -> tuple[Line, ...]:
    return tuple(Line(name(words.attribute(column)), field(column, imports)) for column in columns)


def _docstring(table: Table) -> Code:
    return docstring(table.description or f"A row of `{table.full_name}`.")


def _access_lines(table: Table) -> Iterable[Line]:
    for call in CALLS:
        if rules := table.access.rules(call):
            yield Line(Code(call), literal([str(rule) for rule in rules]))


def named_roles(design: Design) -> dict[str, list[str]]:
    """The roles that access rules name, each with the tables of those rules."""
    return _named(design, lambda access: access.roles)


def named_permissions(design: Design) -> dict[str, list[str]]:
    """The permissions that access rules name, each with the tables of those rules."""
    return _named(design, lambda access: access.permissions)


def _named(design: Design, names: Callable[[Access], set[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table in design.tables:
        for each in sorted(names(table.access)):
            found.setdefault(each, []).append(table.name)
    return found
