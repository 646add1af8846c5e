"""SQLAlchemy models as designs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.design.importers import sqlalchemy_models
from gatewright.design.importers.sqlalchemy_models import read_models
from gatewright.design.problems import DesignError
from gatewright.design.reading import design_of
from tests.design.importers.samples import EMPTY

MODELS = """
print("a line that is no SQL")
from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True, comment="as printed")

class Book(Base):
    __tablename__ = "book"
    __table_args__ = (CheckConstraint("pages >= 1", name="some_pages"), Index("by_title", "title", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    pages: Mapped[int | None]
    state: Mapped[str] = mapped_column(Enum("new", "old", name="state"), server_default="new")
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"))

class Nothing(DeclarativeBase):
    pass
"""


@pytest.fixture(autouse=True)
def models(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "broken.py").write_text("raise RuntimeError('no database here')\n")
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(600)\n")


def test_models_give_their_tables() -> None:
    """With keys, references, enums, indexes, checks and comments."""
    imported = read_models("models:Base", EMPTY)
    assert [table["name"] for table in imported.raw] == ["Author", "Book"]
    author, book = design_of(imported.raw).tables
    assert author.column("name").is_unique
    assert author.column("name").description == "as printed"
    assert (book.database_name, book.column("pages").min_value) == ("book", 1)
    assert book.column("state").enum_values == ("new", "old")
    reference = book.column("authorId").references
    assert reference is not None
    assert (reference.table, reference.on_delete) == ("Author", "cascade")
    assert [(index.name, index.columns) for index in book.indexes] == [("by_title", ("title", "id"))]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("broken:Base", "cannot be imported .*no database here"),
        ("absent:Base", "cannot be imported .*No module named 'absent'"),
        ("models:Nothing", "have no tables"),
    ],
)
def test_models_that_cannot_be_imported_get_one_error(source: str, message: str) -> None:
    """With the last line of what Python says."""
    with pytest.raises(DesignError, match=message) as refused:
        read_models(source, EMPTY)
    assert "\n" not in str(refused.value)


def test_models_that_take_too_long_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their process is killed when the time is over."""
    monkeypatch.setattr(sqlalchemy_models, "SECONDS", 0.5)
    with pytest.raises(DesignError, match="not imported within"):
        read_models("slow:Base", EMPTY)
