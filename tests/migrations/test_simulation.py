"""A year of a team in a minute: four branches change one app, rename, merge, and write code of their own beside it."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.design.document import Column, ColumnType, DefaultFunction, Design, Index, Reference, Table
from gatewright.design.files import FILE_NAME
from gatewright.design.merging import Merge
from gatewright.design.reading import read_design
from gatewright.design.writing import write_design
from gatewright.generator import words
from gatewright.generator.run import generate
from gatewright.migrations.histories import FOLDER, VERSIONS
from gatewright.migrations.merge import merge
from gatewright.migrations.revisions import Revisions
from tests.generator.apps import SOURCE
from tests.migrations.apps import App

BRANCHES = 4
CHANGES = 100
CHANGES_A_ROUND = 20
SEED = 20261201
PROBE = """
import pathlib, importlib
for path in sorted(pathlib.Path("app").rglob("*.py")):
    if "tests" not in path.parts:
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""


@dataclass
class Branch:
    """One person's copy of the app, with a database of its own.

    Attributes:
        rows: The rows that were written, by the table's id: the row's key, and its values by the columns' ids.
        lines: Lines of own code that were written, by the table's id.
    """

    number: int
    app: App
    chance: random.Random
    rows: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)

    @property
    def design(self) -> Design:
        return read_design((self.app.folder / FILE_NAME).read_text("utf-8"), engine=engine_tables())

    @design.setter
    def design(self, design: Design) -> None:
        (self.app.folder / FILE_NAME).write_text(write_design(design), "utf-8")

    @property
    def versions(self) -> Path:
        return self.app.folder / FOLDER / VERSIONS

    def own_file(self, table: Table, number: int | None = None) -> Path:
        """Where this person, or another, writes code for *table*."""
        name = f"lines_{self.number if number is None else number}.py"
        return self.app.folder / "app/modules" / words.folder(table) / name


@pytest.mark.extra
async def test_a_hundred_changes_on_four_branches_lose_no_line_and_no_row(tmp_path: Path) -> None:
    """After each merge every branch has every line of code and all rows of its own, and the app can be imported."""
    branches = await start(tmp_path)
    made = 0
    base = branches[0].design
    while made < CHANGES:
        for branch in branches:
            for _ in range(CHANGES_A_ROUND // BRANCHES):
                made += 1
                await change(branch, made)
        base = await merge_all(branches, base)
        for branch in branches:
            await check(branch, branches)
    assert len(base.tables) > 5
    assert any(table.id for table in base.tables), "some table was renamed"


async def start(tmp_path: Path) -> list[Branch]:
    first = tmp_path / "app0"
    (first / "app/generated").mkdir(parents=True)
    (first / "app/__init__.py").write_text("")
    tables = [new_table(f"Thing{n}") for n in range(BRANCHES)]
    (first / FILE_NAME).write_text(write_design(Design(tuple(tables))), "utf-8")
    app = App(first, f"sqlite:///{tmp_path}/db0.db")
    generate(first, engine_tables)
    app.make("start")
    for n in range(1, BRANCHES):
        shutil.copytree(first, tmp_path / f"app{n}")
    apps = [app, *(App(tmp_path / f"app{n}", f"sqlite:///{tmp_path}/db{n}.db") for n in range(1, BRANCHES))]
    for each in apps:
        await each.apply()
    return [Branch(n, each, random.Random(SEED + n)) for n, each in enumerate(apps)]  # noqa: S311


def new_table(name: str) -> Table:
    key = Column(name="id", type=ColumnType.STRING, is_primary_key=True, default_value=DefaultFunction.CUID)
    return Table(name=name, columns=(key, Column(name="word", type=ColumnType.STRING)))


async def change(branch: Branch, number: int) -> None:
    """One change of the design, generated and migrated; then a line of code and a row."""
    design = branch.design
    mine = [table for table in design.tables if owner_of(table.identity) == branch.number]
    table = branch.chance.choice(mine)
    branch.design = with_change(design, table, branch.chance, f"{branch.number}x{number}")
    generate(branch.app.folder, engine_tables)
    branch.app.make(f"change {number}", allow_data_loss=True)
    await branch.app.apply()
    target = branch.chance.choice([each for each in branch.design.tables if not each.is_system])
    write_line(branch, target, number)
    await write_row(branch, target, number)


def owner_of(identity: str) -> int:
    """The person who may change a table, so that no two change the same thing."""
    return sum(identity.encode()) % BRANCHES


def with_change(design: Design, table: Table, chance: random.Random, mark: str) -> Design:
    kind = chance.choice(["column", "column", "rename", "rename table", "table", "type", "index", "reference"])
    own = [column for column in table.columns if not column.is_primary_key]
    column = chance.choice(own)
    is_indexed = any(column.name in index.columns for index in table.indexes)
    match kind:
        case "rename":
            return with_table(
                design, table, with_column(table, column, replaced(column, name=f"word{mark}", id=column.identity))
            )
        case "rename table":
            new = replaced(table, name=f"Thing{mark}", id=table.identity)
            return with_table(design, table, new)
        case "table":
            name = next(
                f"Thing{mark}{end}" for end in "abcdefgh" if owner_of(f"Thing{mark}{end}") == owner_of(table.identity)
            )
            return Design((*design.tables, new_table(name)))
        case "type" if column.references is None and not is_indexed:
            is_text = column.type is ColumnType.STRING
            return with_table(
                design,
                table,
                with_column(table, column, replaced(column, type=ColumnType.TEXT if is_text else ColumnType.STRING)),
            )
        case "index" if column.type is ColumnType.STRING:
            return with_table(
                design, table, replaced(table, indexes=(*table.indexes, Index((column.name,), name=f"i{mark}")))
            )
        case "reference":
            target = chance.choice([each for each in design.tables if each.key_columns[0].type is ColumnType.STRING])
            added = Column(name=f"to{mark}", type=ColumnType.STRING, references=Reference(target.name))
        case _:
            added = Column(name=f"word{mark}", type=ColumnType.STRING, default_value=chance.choice([None, "given"]))
    return with_table(design, table, replaced(table, columns=(*table.columns, added)))


def replaced(item: Any, **values: Any) -> Any:
    from dataclasses import replace

    return replace(item, **values)


def with_column(table: Table, old: Column, new: Column) -> Table:
    indexes = tuple(
        Index(tuple(new.name if name == old.name else name for name in index.columns), name=index.name)
        for index in table.indexes
    )
    columns = tuple(new if column == old else column for column in table.columns)
    made: Table = replaced(table, columns=columns, indexes=indexes)
    return made


def with_table(design: Design, old: Table, new: Table) -> Design:
    tables = [new if table == old else table for table in design.tables]
    if old.name != new.name:
        tables = [
            replaced(table, columns=tuple(retargeted(each, old.name, new.name) for each in table.columns))
            for table in tables
        ]
    made: Design = replaced(design, tables=tuple(tables))
    return made


def retargeted(column: Column, old: str, new: str) -> Column:
    if column.references is None or column.references.table != old:
        return column
    made: Column = replaced(column, references=replaced(column.references, table=new))
    return made


def write_line(branch: Branch, table: Table, number: int) -> None:
    """Code that names the generated model, with a mark of its own."""
    path = branch.own_file(table)
    model = words.class_name(table)
    begin = f"from app.generated.{words.folder(table)}.models import {model}\n\n"
    line = f"# line {number} of {branch.number}\n"
    path.write_text((path.read_text() if path.exists() else begin) + f"MODEL_{number} = {model}.id  {line}")
    branch.lines.setdefault(table.identity, []).append(line)


async def write_row(branch: Branch, table: Table, number: int) -> None:
    plain = [column for column in table.columns if column.references is None and not column.is_primary_key]
    values = {column.identity: f"{column.identity} {number}" for column in plain}
    key = f"row{number}"
    names = ", ".join(f'"{column.database_name}"' for column in plain)
    listed = ", ".join(f"'{values[column.identity]}'" for column in plain)
    await branch.app.run(f"INSERT INTO \"{table.database_name}\" (id, {names}) VALUES ('{key}', {listed})")
    branch.rows.setdefault(table.identity, {})[key] = values


async def merge_all(branches: list[Branch], base: Design) -> Design:
    """What git and the commands do when all branches come together."""
    designs = [branch.design for branch in branches]
    merged = designs[0]
    for other in designs[1:]:
        merging = Merge()
        merged = merging.designs(base, merged, other)
        assert not merging.conflicts
    files = {
        path.name: path.read_bytes() for branch in branches for path in branch.versions.iterdir() if path.is_file()
    }
    first = branches[0]
    for name, content in files.items():
        (first.versions / name).write_bytes(content)
    while len(Revisions(first.versions).heads) > 1:
        merge(first.app.folder)
    for branch in branches:
        for path in first.versions.iterdir():
            if path.is_file() and branch is not first:
                shutil.copy(path, branch.versions / path.name)
        branch.design = merged
        generate(branch.app.folder, engine_tables)
        assert branch.app.make("nothing more") is None
        await branch.app.apply()
    share_lines(branches, merged)
    return merged


def share_lines(branches: list[Branch], merged: Design) -> None:
    for table in merged.tables:
        for branch in branches:
            for other in branches:
                source = branch.own_file(table)
                if source.exists() and other is not branch:
                    target = other.own_file(table, branch.number)
                    target.parent.mkdir(exist_ok=True)
                    shutil.copy(source, target)


async def check(branch: Branch, branches: list[Branch]) -> None:
    """Every line and every row is where it belongs, and the code can be imported."""
    assert await branch.app.drift() == []
    tables = {table.identity: table for table in branch.design.tables}
    for person in branches:
        for identity, lines in person.lines.items():
            text = branch.own_file(tables[identity], person.number).read_text()
            assert all(line in text for line in lines)
    for identity, rows in branch.rows.items():
        table = tables[identity]
        columns = {column.identity: column.database_name for column in table.columns}
        for key, values in rows.items():
            names = ", ".join(f'"{columns[each]}"' for each in values)
            found = await branch.app.rows(f"SELECT {names} FROM \"{table.database_name}\" WHERE id = '{key}'")
            assert found == [tuple(values.values())]
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=branch.app.folder,
        env={"PYTHONPATH": f"{SOURCE}:."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
