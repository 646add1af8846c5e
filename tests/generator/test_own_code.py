"""What somebody writes in `app/modules/` is theirs, whatever becomes of the design."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gatewright.generator import cache
from gatewright.generator.plan import EditedFiles
from gatewright.generator.run import generate
from tests.generator.designs import EVERY_TYPE, fragments, post, write

TAG: dict[str, Any] = {"name": "Tag", "columns": post()["columns"][:2]}
PUBLIC = {"list": "public", "read": "public"}
DESIGNS: list[list[dict[str, Any]]] = [
    [post(description="Described."), TAG],
    [post(access=PUBLIC), TAG],
    [{**post(), "columns": [*post()["columns"], {"name": "views", "type": "Int"}]}, TAG, EVERY_TYPE],
    [{**post(), "columns": post()["columns"][:2]}],
    [post(dbName="articles")],
    [],
    [post(), TAG],
]
OWN = {
    "post/service.py": "# mine, and wrong: (\n",
    "post/router.py": "",
    "post/helpers.py": "HELP = 1\n",
    "post/words/de.txt": "Beitrag\n",
    "tag/__init__.py": '"""Mine."""\n',
    "mine/router.py": "# of no table\n",
}


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """The modules of an app with two tables, full of somebody's own code."""
    write(tmp_path, post(), TAG)
    generate(tmp_path, fragments)
    folder = tmp_path / "app/modules"
    for path, text in OWN.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "post/link.py").symlink_to("helpers.py")
    return folder


def kept(modules: Path) -> dict[str, tuple[bytes, int]]:
    """The files that somebody made or changed, with the time of their last change."""
    paths = [*OWN, "post/link.py"]
    return {path: ((modules / path).read_bytes(), (modules / path).stat().st_mtime_ns) for path in paths}


def test_it_survives_every_regeneration(tmp_path: Path, modules: Path) -> None:
    """Columns, rules and tables that come, change and go; a lost cache; a generated folder that was deleted."""
    before = kept(modules)
    for tables in DESIGNS:
        write(tmp_path, *tables)
        generate(tmp_path, fragments)
        assert kept(modules) == before, tables
    (tmp_path / cache.FOLDER / "generated").unlink()
    for path in sorted((tmp_path / "app/generated").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    generate(tmp_path, fragments)
    assert kept(modules) == before


def test_an_edit_of_generated_code_is_never_lost_either(tmp_path: Path, modules: Path) -> None:
    """It stops each of these runs before anything is written, and is still there."""
    edited = tmp_path / "app/generated/post/schemas.py"
    edited.write_text(edited.read_text() + "\n# an edit in the wrong place\n")
    before = {path: path.read_bytes() for path in (tmp_path / "app").rglob("*") if path.is_file()}
    for tables in DESIGNS[:-1]:
        write(tmp_path, *tables)
        with pytest.raises(EditedFiles, match="an edit in the wrong place"):
            generate(tmp_path, fragments)
        assert {path: path.read_bytes() for path in (tmp_path / "app").rglob("*") if path.is_file()} == before
