"""Which files `gatewright dev` looks at, and what counts as a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewright.cli.watching import Watch


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A folder with some code."""
    (tmp_path / "app/generated/post").mkdir(parents=True)
    (tmp_path / "app/modules/post").mkdir(parents=True)
    (tmp_path / "app/main.py").write_text("1")
    (tmp_path / "app/generated/post/models.py").write_text("1")
    return tmp_path


def paths(watch: Watch) -> list[str]:
    return [path.as_posix() for path in watch.changes()]


def test_what_is_made_changed_or_removed_is_told_once(app: Path) -> None:
    """Code, the design, settings and migrations; by paths within the app, in order."""
    watch = Watch(app)
    assert paths(watch) == []
    (app / "app/main.py").unlink()
    (app / "app/modules/post/service.py").write_text("1")
    (app / "app/generated/post/models.py").write_text("12")
    for name in (".env", "db.design.json", "gatewright.toml"):
        (app / name).write_text("")
    (app / "migrations").mkdir()
    (app / "migrations/env.py").write_text("")
    assert paths(watch) == [
        *(".env", "app/generated/post/models.py", "app/main.py", "app/modules/post/service.py"),
        *("db.design.json", "gatewright.toml", "migrations/env.py"),
    ]
    assert paths(watch) == []


def test_what_python_and_git_make_is_no_change(app: Path) -> None:
    """Nor what is no code."""
    watch = Watch(app)
    for name in ("app/__pycache__/main.py", "app/.generated.new/post/models.py", "app/notes.txt", ".git/hook.py"):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text("1")
    assert paths(watch) == []


def test_what_is_skipped_is_that_alone(app: Path) -> None:
    """A save that comes while code is generated is told all the same."""
    watch = Watch(app)
    (app / "app/generated/post/models.py").unlink()
    (app / "app/generated/post/router.py").write_text("1")
    (app / "app/main.py").write_text("12")
    (app / "db.design.json").write_text("{}")
    watch.skip(Path("app/generated"))
    assert paths(watch) == ["app/main.py", "db.design.json"]


def test_a_folder_that_cannot_be_read_is_no_end(app: Path) -> None:
    """As one that goes while it is looked at."""
    watch = Watch(app)
    (app / "app").rename(app / "gone")
    assert "app/main.py" in paths(watch)
    (app / "gone").rename(app / "app")
    assert "app/main.py" in paths(watch)
