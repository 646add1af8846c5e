"""Prisma's schema language: what is wrong with a text."""

from __future__ import annotations

import pytest

from gatewright.design.document import Design
from gatewright.design.importers.imported import Imported, SourceFile
from gatewright.design.importers.prisma import read_prisma
from gatewright.design.problems import DesignError

MODEL = 'model A {\n  id Int @id // {\n  name String @default("a // b, (c") /* } */\n}\n'


def read(*texts: str) -> Imported:
    return read_prisma([SourceFile(f"{number}.prisma", text) for number, text in enumerate(texts)], Design(()))


def test_comments_and_texts_are_distinguished() -> None:
    """What looks like a comment in a text is text, and brackets in comments close nothing."""
    assert read(MODEL).raw["tables"][0]["columns"][1]["defaultValue"] == "a // b, (c"


def test_an_optional_reference_without_actions_has_prismas_own() -> None:
    """Set null or restrict, and on update cascade."""
    text = """
    model A {
      id Int @id
      b  B?  @relation(fields: [bId], references: [id])
      bId Int?
      c  B   @relation("c", fields: [cId], references: [id])
      cId Int
    }
    model B {
      id Int @id
      a  A[]
      c  A[] @relation("c")
    }
    """
    columns = read(text).raw["tables"][0]["columns"]
    assert columns[1]["references"] == {"table": "B", "onDelete": "setNull", "onUpdate": "cascade"}
    assert columns[2]["references"] == {"table": "B", "onDelete": "restrict", "onUpdate": "cascade"}


def test_the_letters_of_a_join_table_follow_the_code_points_of_the_models() -> None:
    """Capitals come first, whatever the tables are called."""
    text = """
    model apple {
      id Int @id
      bs Banana[]
      @@map("aaa")
    }
    model Banana {
      id Int @id
      as apple[]
      @@map("zzz")
    }
    """
    table = read(text).raw["tables"][2]
    assert table["dbName"] == "_BananaToapple"
    assert [column["references"]["table"] for column in table["columns"]] == ["Banana", "Aaa"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model A {\n  id Int @id\n", 'line 1, column 1: the block "A" is not closed'),
        ("model A {\n  id\n}", "line 2, column 3: a field was expected"),
        ("model A { id Int @id }", "line 1, column 1: a model, enum"),
        ("model A {\n  id Int @default(\n}", "line 2, column 3: the bracket behind"),
        ("model A {\n  id Int @id oops\n}", "line 2, column 3: an attribute was expected"),
        ("model A {\n  id Gone @id\n}", 'line 2, column 3: there is no type, model or enum "Gone"'),
        ("/* model", "line 1, column 1: the comment is not closed"),
        ("enum A {\n  a-b\n}", "line 2, column 3: the value of an enum was expected"),
        ("model A {\n  id Int @default(" + "(" * 20_000 + "\n}", "line 2, column 3: the bracket behind"),
    ],
)
def test_a_wrong_text_is_refused_with_its_line(text: str, message: str) -> None:
    """One clear error, in a text of any nesting."""
    with pytest.raises(DesignError) as caught:
        read(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_of_several_files_the_error_names_the_one() -> None:
    """With the line in that file."""
    with pytest.raises(DesignError, match=r"^1\.prisma: line 2, column 1: "):
        read(MODEL, "\noops\n")
