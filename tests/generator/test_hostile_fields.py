"""Every field of a design, given every hostile text: what reading lets pass is a literal in all that is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatewright.core.engine_tables import engine_tables
from gatewright.design.completion import complete
from gatewright.design.document import Design
from gatewright.design.problems import DesignError
from gatewright.design.reading import read_design
from gatewright.design.unbuilt import refuse_unbuilt
from gatewright.generator.model import app_view
from gatewright.generator.render import render
from gatewright.migrations.make import make
from tests.design.test_hostile_text import FREE, HOSTILE, documents
from tests.generator.apps import make_app, run
from tests.generator.test_hostile_text import TEXTS, hostile, words

# Each takes seconds: it is written into every field of the vocabulary. `make test` tries those that could end a text.
TRIED = [
    text if text in ('"""', "\\", "a\nb", "{{ 7 * 7 }}") else pytest.param(text, marks=pytest.mark.extra)
    for text in HOSTILE
]


def designs(text: str) -> Iterator[tuple[bool, Design]]:
    """The designs that hold *text* in one of their fields and are taken, and whether that field takes any text."""
    engine = engine_tables()
    for key, document in documents(text):
        try:
            design = complete(read_design(document, engine=engine), engine)
            refuse_unbuilt(design)
        except DesignError:
            continue
        yield key.kind in FREE, design


def written(design: Design, folder: Path) -> set[str]:
    """Every word of the code and of the migration that is not within a text."""
    folder.mkdir()
    path = make(folder, design, "start")
    assert path is not None
    nodes = (node for node in ast.walk(ast.parse(path.read_bytes())) if not isinstance(node, ast.Constant))
    script = {value for node in nodes for _, value in ast.iter_fields(node) if isinstance(value, str)}
    return script | {word for _, word in words(render(app_view(design)))}


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What is written of any design that holds a harmless text."""
    folder = tmp_path_factory.mktemp("harmless")
    each = (written(design, folder / str(number)) for number, (_, design) in enumerate(designs("harmless")))
    return set().union(*each) - {"harmless"}


@pytest.mark.parametrize("text", TRIED, ids=lambda value: ascii(value)[:20])
def test_a_field_that_is_taken_is_a_literal(text: str, harmless: set[str], tmp_path: Path) -> None:
    """Code and migration name nothing that they wouldn't for a harmless text, whatever the field."""
    for number, (is_free, design) in enumerate(designs(text)):
        found = written(design, tmp_path / str(number))
        assert found <= harmless if is_free else text not in found - harmless


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app with hostile texts wherever the vocabulary takes any: a table for each."""
    folder = tmp_path_factory.mktemp("hostile")
    tables = [{**table, "name": f"Thing{n}"} for n, text in enumerate(TEXTS) for table in hostile(text)]
    make_app(folder, *tables)
    return folder


@pytest.mark.extra
def test_a_hostile_app_is_code_that_a_team_can_keep(app: Path) -> None:
    """Linter, layout and strict types, as for any other."""
    run(app, "ruff", "check", "app")
    run(app, "ruff", "format", "--check", "app")
    run(app, "mypy", "--strict", "app", "tests")


@pytest.mark.extra
@pytest.mark.both_databases
def test_a_hostile_app_passes_its_own_tests(app: Path, database_url: str) -> None:
    """Its tables are made, and its texts stored and read, on each database."""
    command = ("pytest", "-q", "-p", "no:cacheprovider", "app/generated/tests", "-k", "Thing")
    assert " passed" in run(app, *command, TEST_URL=database_url)
