"""The Dockerfile and the compose file of a new app: what they run exists, and serves as they say.

The image itself is not built here: that needs Docker, and images from a registry.
"""

from __future__ import annotations

import fnmatch
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SECRET, Shell

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(shell: Shell) -> Path:
    """A new app, and the shell in its folder."""
    assert shell.run("init", "myapp").status == 0
    shell.folder /= "myapp"
    return shell.folder


def instructions(app: Path) -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each with what it is given."""
    lines = (app / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    given = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, rest in given]


def command(app: Path, name: str) -> list[str]:
    """The words of an instruction that runs something in the finished image."""
    (rest,) = (rest for each, rest in instructions(app) if each == name)
    words: list[str] = json.loads(rest[rest.index("[") :])
    return words


def compose(app: Path) -> dict[str, Any]:
    """The services of the compose file."""
    yaml: Any = importlib.import_module("yaml")
    services: dict[str, Any] = yaml.safe_load((app / "compose.yaml").read_text())["services"]
    return services


def image(app: Path, folder: Path) -> Path:
    """What `COPY . .` brings into the image."""
    patterns = [line for line in (app / ".dockerignore").read_text().splitlines() if line]

    def ignored(path: Path) -> bool:
        kept = False
        for pattern in patterns:
            plain = pattern.removeprefix("!").removeprefix("**/").rstrip("/")
            name = path.name if pattern.startswith("**/") else path.as_posix()
            if fnmatch.fnmatchcase(name, plain):
                kept = not pattern.startswith("!")
        return kept

    for path in app.rglob("*"):
        inner = path.relative_to(app)
        if path.is_file() and not any(ignored(each) for each in (inner, *inner.parents) if each.name):
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder / inner)
    return folder


def test_the_image_is_made_of_what_is_there(app: Path) -> None:
    """Instructions that Docker knows, files that the app has, and a user that may write nothing."""
    steps = instructions(app)
    names = [name for name, _ in steps]
    assert names[0] == "FROM"
    assert set(names) <= {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}
    for name, rest in steps:
        assert name != "COPY" or rest.startswith("--from=gatewright ") or (app / rest.split()[0]).exists()
    assert names.index("USER") > names.index("COPY")
    (user,) = (rest for name, rest in steps if name == "USER")
    made = [rest.split() for name, rest in steps if name == "RUN" and rest.startswith("useradd ")]
    assert any(user in words for words in made)


def test_its_requirements_are_what_the_project_offers(app: Path) -> None:
    """Its own name, extras that there are, and the place that this copy came from."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    note, image = (app / "requirements.txt").read_text().rstrip().rsplit("\n", 1)
    assert note.startswith("# The copy of Gatewright that made this app.")
    _, development = (app / "requirements-dev.txt").read_text().splitlines()
    for line in (image, development):
        match = re.fullmatch(r"gatewright\[([a-z,]+)\] @ (file://.+)", line)
        assert match is not None
        assert set(match[1].split(",")) <= project["optional-dependencies"].keys()
        assert match[2] == ROOT.as_uri()


def test_the_image_gets_what_its_requirements_name(app: Path) -> None:
    """A folder of this machine, under its own path and by the name that the compose file gives it."""
    copied = [json.loads(rest.partition(" ")[2]) for name, rest in instructions(app) if "--from=" in rest]
    assert [target.rstrip("/") for *_, target in copied] == [str(ROOT), str(ROOT / "src")]
    assert all((ROOT / name).exists() for *names, _ in copied for name in names)
    assert compose(app)["app"]["build"] == {"context": ".", "additional_contexts": {"gatewright": str(ROOT)}}


def test_nothing_secret_gets_into_the_image(app: Path, tmp_path: Path) -> None:
    """Neither the settings of this machine nor its database; what the app needs does."""
    for name in (
        ".env",
        "gatewright.db",
        "gatewright.db-wal",
        ".gatewright/keys",
        ".git/config",
        "app/x/__pycache__/y",
    ):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text("secret")
    found = image(app, tmp_path / "image")
    assert not [path for path in found.rglob("*") if path.is_file() and path.read_bytes() == b"secret"]
    needed = ("db.design.json", "gatewright.toml", "app/main.py", "app/generated/routers.py", "requirements.txt")
    assert all((found / path).exists() for path in needed)
    assert list((found / "migrations/versions").glob("*.design.json"))


def test_the_image_serves_as_the_compose_file_starts_it(
    shell: Shell, app: Path, tmp_path: Path, postgres_url: str
) -> None:
    """With the files of the image, the variables of the compose file, and PostgreSQL: its command and its check."""
    service = compose(app)["app"]
    values = {
        "POSTGRES_PASSWORD": "password",
        "GATEWRIGHT_SECRET": SECRET,
        "GATEWRIGHT_PUBLIC_URL": "https://example.com",
        "GATEWRIGHT_MAIL_URL": "smtp://mail.example.com",
    }
    given = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda m: values[m[1]], each)
        for name, each in service["environment"].items()
    }
    assert given["GATEWRIGHT_DATABASE_URL"] == "postgresql://app:password@database/app"
    shell.settings = {**given, "GATEWRIGHT_DATABASE_URL": postgres_url}
    shell.folder = image(app, tmp_path / "image")
    program, serve, *options = command(app, "CMD")
    assert (program, serve) == ("gatewright", "serve")
    python, *check = command(app, "HEALTHCHECK")
    assert python == "python"
    with shell.serving(*options) as server:
        here = [word.replace("3000", str(server.port)) for word in check]
        assert here != check
        assert subprocess.run([sys.executable, *here], check=False).returncode == 0
    assert subprocess.run([sys.executable, *here], check=False, stderr=subprocess.DEVNULL).returncode != 0


def test_the_compose_file_fits_the_image_and_the_example_of_settings(app: Path) -> None:
    """Port, service names, and each variable that it asks for stands in `.env.example`."""
    services = compose(app)
    (port,) = (rest for name, rest in instructions(app) if name == "EXPOSE")
    assert services["app"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert services["app"]["depends_on"].keys() == services.keys() - {"app"}
    asked = set(re.findall(r"\$\{(\w+)", (app / "compose.yaml").read_text()))
    assert asked <= set(re.findall(r"^(\w+)=", (app / ".env.example").read_text(), re.MULTILINE))
