"""What is generated is code that a team can keep: it passes its linter, its types are right, and its tests pass."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatewright.generator.samples import SampleRows
from tests.generator.apps import make_app, run
from tests.generator.designs import WHOLE, completed
from tests.services import postgres

pytestmark = pytest.mark.extra


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app with every column type, every access rule, and keys and references of every kind."""
    folder = tmp_path_factory.mktemp("app")
    make_app(folder, *WHOLE)
    return folder


@pytest.fixture
def empty_postgres(postgres_service: str) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    url = postgres.create_database(postgres_service)
    yield url
    postgres.drop_database(postgres_service, url)


def test_the_linter_finds_nothing(app: Path) -> None:
    """`ruff check` and `ruff format --check`, as the generated folder says and as somebody else may have them."""
    run(app, "ruff", "check", "app")
    run(app, "ruff", "format", "--check", "app")
    run(app, "ruff", "format", "--check", "--config=line-length=88", "app/modules")


def test_the_types_are_right(app: Path) -> None:
    """`mypy --strict`, the app's tests included."""
    run(app, "mypy", "--strict", "app", "tests")


def test_its_own_tests_pass(app: Path) -> None:
    """On SQLite, in the app's own folder."""
    assert " passed" in run(app, "pytest", "-q", "-p", "no:cacheprovider", "app/generated/tests", DATABASE_URL="")


def test_its_own_tests_pass_on_postgresql(app: Path, empty_postgres: str) -> None:
    """On PostgreSQL, in the app's own folder."""
    command = ("pytest", "-q", "-p", "no:cacheprovider", "app/generated/tests")
    assert " passed" in run(app, *command, TEST_URL=empty_postgres)


def test_each_table_is_tested(app: Path) -> None:
    """No table goes without a check of its resource, and rows of each of the design's own can be made for it."""
    design = completed(*WHOLE)
    names = {table["name"] for table in WHOLE} | {"RefreshToken", "EmailVerification"}
    assert {table.name for table in design.tables} == names
    tested = runpy.run_path(str(app / "app/generated/tests/test_resources.py"))["TABLES"]
    assert sorted(tested) == sorted(names)
    samples = SampleRows(design)
    assert [table.name for table in design.tables if not table.is_system and samples.problem(table)] == []
