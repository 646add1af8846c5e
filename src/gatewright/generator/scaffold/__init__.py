"""A new app: what `gatewright init` writes, from the design to the first revision."""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path

from gatewright.design.completion import complete
from gatewright.design.document import Design
from gatewright.design.files import FILE_NAME, load_complete_design, save_design
from gatewright.errors import SetupError
from gatewright.generator import cache
from gatewright.generator.run import Fragments, generate
from gatewright.generator.scaffold.origin import Origin, own_origin
from gatewright.migrations.make import make as make_revision

FILES = {
    "dockerignore.txt": ".dockerignore",
    "env.txt": ".env",
    "env_example.txt": ".env.example",
    "gitattributes.txt": ".gitattributes",
    "gitignore.txt": ".gitignore",
    "dockerfile.txt": "Dockerfile",
    "readme.md.txt": "README.md",
    "package.py.txt": "app/__init__.py",
    "main.py.txt": "app/main.py",
    "compose.yaml.txt": "compose.yaml",
    "gatewright.toml.txt": "gatewright.toml",
    "pyproject.toml.txt": "pyproject.toml",
    "requirements.txt.txt": "requirements.txt",
    "requirements_dev.txt.txt": "requirements-dev.txt",
    "tests_package.py.txt": "tests/__init__.py",
    "tests_conftest.py.txt": "tests/conftest.py",
    "tests_app.py.txt": "tests/test_app.py",
}
"""Each file beside this one, and where it belongs in an app."""

_HERE = Path(__file__).parent / "files"
_PLACEHOLDER = re.compile(r"\{\{ (\w+) \}\}")
_UNFINISHED = ".gatewright-init-"


def make_app(folder: Path, fragments: Fragments) -> Origin:
    """Make an app in *folder*, whole or not at all.

    Args:
        folder: May be missing, or empty but for `.git`.
        fragments: The engine's part of the design.

    Returns:
        Where its requirements take Gatewright from.

    Raises:
        SetupError: The folder is not empty, or cannot be written. It is unchanged.
    """
    origin = own_origin()
    try:
        _refuse_anything_in(folder)
        home = folder if folder.is_dir() else folder.parent
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=home, ignore_cleanup_errors=True) as made:
            app = Path(made) / "app"
            _fill(app, _words(_name(folder), origin), fragments)
            _place(app, folder)
    except OSError as error:
        raise SetupError(f"{folder} cannot be written: {error.strerror}. Choose another folder.") from None
    return origin


def _refuse_anything_in(folder: Path) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        what = "a link to nothing" if folder.is_symlink() and not folder.exists() else "a file"
        raise SetupError(f"{folder} is {what}. Choose another name; nothing was written.")
    # A run that was killed leaves nothing but its unfinished folder.
    there = [path.name for path in folder.iterdir() if path.name != ".git" and not path.name.startswith(_UNFINISHED)]
    if there:
        raise SetupError(f"{folder} is not empty ({min(there)} is in it). Choose another; nothing was written.")


def _words(name: str, origin: Origin) -> dict[str, str]:
    """The values of the placeholders of the files."""
    return {
        "name": name,
        "origin": origin.note,
        "requirement": origin.requirement("postgres"),
        "requirement_dev": origin.requirement("dev,testing"),
        "image_steps": origin.image_steps,
        "build": origin.build,
    }


def _fill(app: Path, words: dict[str, str], fragments: Fragments) -> None:
    for source, target in FILES.items():
        path = app / target
        path.parent.mkdir(parents=True, exist_ok=True)
        text = _PLACEHOLDER.sub(lambda found: words[found[1]], (_HERE / source).read_text("utf-8"))
        path.write_text(text, "utf-8", newline="\n")
    # The files that will hold secrets.
    (app / ".env").chmod(0o600)
    engine = fragments()
    save_design(app / FILE_NAME, complete(Design(()), engine))
    make_revision(app, load_complete_design(app, engine), "start")
    generate(app, fragments)
    # It knows the unfinished folder.
    shutil.rmtree(app / cache.FOLDER, ignore_errors=True)


def _place(app: Path, folder: Path) -> None:
    if not folder.exists():
        app.rename(folder)
        return
    paths = list(app.iterdir())
    try:
        for path in paths:
            path.rename(folder / path.name)
    except BaseException:
        for placed in (folder / path.name for path in paths if not path.exists()):
            with suppress(OSError):
                shutil.rmtree(placed) if placed.is_dir() else placed.unlink()
        raise


def _name(folder: Path) -> str:
    """The folder's name, reduced to what every file can contain."""
    plain = unicodedata.normalize("NFKD", folder.resolve().name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "app"
