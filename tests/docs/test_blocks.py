"""Every block of README, CONTRIBUTING and docs/ is true: it runs here, prints what it shows, and type-checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.blocks import Block, all_blocks, blocks_of, pages
from tests.docs.session import PageSession, same_json, same_lines
from tests.smtp import mail_server

# The page that needs a PostgreSQL server, and the address that it prints.
ON_POSTGRESQL = "docs/how-to/postgresql.md"
PRINTED_URL = "postgresql://app:a-password@localhost:5432/app"
# The page that needs a mail server, and the address that it prints.
WITH_MAIL_SERVER = "docs/how-to/deploy-behind-https.md"
PRINTED_MAIL_URL = "smtp://USER:PASSWORD@mail.example.com:587"

LANGUAGES = {"python", "sh", "json", "text", "toml", "dotenv", "javascript", "html", "css", "jinja", "sql"}
NOT_RUN_AT_MOST = 12

RUNNING = [page for page in pages() if any(not block.reason for block in blocks_of(page))]


@pytest.mark.extra
@pytest.mark.parametrize("page", [page for page in RUNNING if page not in (ON_POSTGRESQL, WITH_MAIL_SERVER)])
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    """Its commands succeed, its answers are the ones it shows."""
    follow(page, tmp_path)


def test_the_page_on_postgresql_does_what_it_says(postgres_url: str, tmp_path: Path) -> None:
    """The same, on a real server."""
    follow(ON_POSTGRESQL, tmp_path, {PRINTED_URL: postgres_url})


@pytest.mark.extra
def test_the_page_on_deployment_does_what_it_says(tmp_path: Path) -> None:
    """The same, with a real mail server, which gets no mail."""
    with mail_server() as mails:
        follow(WITH_MAIL_SERVER, tmp_path, {PRINTED_MAIL_URL: mails.url})
    assert mails.tried == 0


def follow(page: str, tmp_path: Path, replaced: dict[str, str] | None = None) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    with PageSession(folder, replaced) as session:
        for block in blocks_of(page):
            if not block.reason:
                session.do(block)


def test_every_block_says_what_it_is() -> None:
    """A language that is known here, or the reason why the block does not run."""
    assert [block.place for block in all_blocks() if block.language not in LANGUAGES and not block.reason] == []


@pytest.mark.parametrize("page", [page for page in pages() if any(block.is_of_app for block in blocks_of(page))])
def test_code_for_an_app_is_type_checked_on_its_page(page: str) -> None:
    """It only means something beside the app's other files, and those are made while the page is followed."""
    blocks = blocks_of(page)
    after = blocks[max(number for number, block in enumerate(blocks) if block.is_of_app) :]
    assert any(block.language == "sh" and "mypy" in block.text.split() for block in after)


def test_blocks_that_do_not_run_are_few_and_say_why(record_property: Callable[[str, object], None]) -> None:
    """Each has its reason; their number may only be raised on purpose."""
    left_out = [f"{block.place}: {block.reason}" for block in all_blocks() if block.reason]
    print("\n".join(left_out))  # noqa: T201 (shown by pytest -rP)
    record_property("blocks that do not run", len(left_out))
    assert len(left_out) <= NOT_RUN_AT_MOST, "\n".join(left_out)


@pytest.fixture(scope="module")
def written_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every Python block in a folder for its page."""
    root = tmp_path_factory.mktemp("modules")
    for block in all_blocks():
        if block.is_module:
            file = root / folder_of(block) / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
    return root


def folder_of(block: Block) -> str:
    return block.page.removesuffix(".md").replace("/", "-").replace("-", "_").lower()


def check(command: list[str], folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MYPYPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.extra
def test_the_modules_type_check_under_mypy(written_modules: Path) -> None:
    """What the docs show is accepted by mypy --strict."""
    for folder in sorted(path for path in written_modules.iterdir() if path.is_dir()):
        command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={written_modules / '.cache'}", "."]
        check([*command, "--explicit-package-bases", "--config-file="], folder)


@pytest.mark.extra
def test_the_modules_type_check_under_pyright(written_modules: Path) -> None:
    """What the docs show is accepted by pyright in its strict mode."""
    folders = sorted(path.name for path in written_modules.iterdir() if path.is_dir() and path.name != ".cache")
    configuration = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "executionEnvironments": [{"root": name} for name in folders],
    }
    (written_modules / "pyrightconfig.json").write_text(json.dumps(configuration))
    check([sys.executable, "-m", "pyright", "-p", ".", "--pythonpath", sys.executable], written_modules)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ('{"id": "…", "n": 1}', '{"n": 1, "id": "abc"}', True),
        ('{"token": "gwr_…"}', '{"token": "gwr_x"}', True),
        ('{"token": "gwr_…"}', '{"token": "other"}', False),
        ('{"id": "…"}', '{"id": 1}', False),
        ('{"id": "…"}', '{"id": "a", "password": "b"}', False),
        ('{"on": true}', '{"on": 1}', False),
        ("[1]", "[1, 2]", False),
        ("{}", "", False),
    ],
)
def test_an_answer_is_compared_whole(expected: str, printed: str, same: bool) -> None:
    """Only what is marked may differ, and nothing may come on top."""
    assert same_json(expected, printed) is same


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a … c\n", "a b c\n", True),
        ("a\n…\nz\n", "a\nb\nc\nz\n", True),
        ("a\n", "a\nb\n", False),
        ("a.c", "abc", False),
    ],
)
def test_lines_are_compared_whole(expected: str, printed: str, same: bool) -> None:
    """Only what is marked may differ."""
    assert same_lines(expected, printed) is same
