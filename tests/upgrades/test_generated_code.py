"""Code that an earlier commit generated: it goes on working, and generating again keeps all that users wrote."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.generator.manifest import FILE_NAME
from gatewright.generator.moved import rewrite
from gatewright.generator.plan import EditedFiles
from gatewright.generator.run import generate, preview
from gatewright.generator.scaffold import FILES
from tests.generator.apps import run
from tests.generator.designs import fragments
from tests.upgrades.recorded import FOLDER

SHOPS = sorted(FOLDER.glob("*/shop"))
# Those whose repositories had modules of their own.
SHOPS_WITH_REPOSITORIES = [each for each in SHOPS if (each / "app/generated/paper/repository.py").exists()]
LATER_SHOPS = [each for each in SHOPS if each not in SHOPS_WITH_REPOSITORIES]
SCAFFOLD = Path(importlib.import_module("gatewright.generator.scaffold").__path__[0]) / "files"
SERVICE = b'''"""What can be done with papers: the generated service, and what we change of it."""

from app.generated.paper import repository as statements
from app.generated.paper import (
    service as generated,
    repository,  # ours below
)
from app.generated.paper.models import Paper
from app.generated.paper.repository import PaperRepository
import app.generated.comment.repository

COMMENTS = app.generated.comment.repository.CommentRepository


class OurRepository(PaperRepository):
    """Statements of ours: \xc3\xa9."""


class PaperService(generated.PaperService):
    """With statements of ours, of repository.PaperRepository."""

    SAME = (statements.PaperRepository, repository.PaperRepository)
    repository = OurRepository()
'''
OWN = {
    "app/modules/paper/service.py": SERVICE,
    "app/modules/comment/helpers.py": b"from ...generated.comment.repository import CommentRepository\r\nA = 1\r\n",
    "app/modules/paper/repository.py": b"from app.modules.paper.service import OurRepository\n",
    "app/generated/paper/ours.py": b"OURS = 1\n",
    "app/wrong.py": b"this is ( no Python\n",
    "tests/test_ours.py": b"def test_ours() -> None: ...\n",
}
REWRITTEN = ["app/modules/comment/helpers.py", "app/modules/paper/service.py"]


@pytest.fixture(params=SHOPS_WITH_REPOSITORIES, ids=lambda path: path.parent.name)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An app as an earlier commit generated it, with code of users beside."""
    shutil.copytree(request.param, tmp_path / "shop")
    for path, content in OWN.items():
        (tmp_path / "shop" / path).parent.mkdir(exist_ok=True)
        (tmp_path / "shop" / path).write_bytes(content)
    return tmp_path / "shop"


@pytest.fixture
def imported(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Imports modules of the app."""
    monkeypatch.syspath_prepend(shop)

    def load(name: str) -> Any:
        for known in [each for each in sys.modules if each.partition(".")[0] == "app"]:
            monkeypatch.delitem(sys.modules, known)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield load
    for known in [each for each in sys.modules if each.partition(".")[0] == "app"]:
        del sys.modules[known]


def files(app: Path) -> dict[str, bytes]:
    paths = (path for path in app.rglob("*") if path.is_file() and not {"__pycache__", ".gatewright"} & {*path.parts})
    return {path.relative_to(app).as_posix(): path.read_bytes() for path in paths}


def test_generating_again_keeps_what_users_wrote(shop: Path) -> None:
    """Files beside generated ones stay byte for byte; only imports of the repositories follow to the service."""
    generate(shop, fragments)
    after = files(shop)
    for path, content in OWN.items():
        lines = zip(content.splitlines(keepends=True), after[path].splitlines(keepends=True), strict=True)
        changed = [(old, new) for old, new in lines if old != new]
        assert bool(changed) == (path in REWRITTEN), path
        assert all(b"repository" in old and b"service" in new for old, new in changed)
    listed = json.loads(after[f"app/generated/{FILE_NAME}"])["files"]
    stale = {path for path in after if path.startswith("app/generated/") and path.endswith(".py")}
    assert stale == {f"app/generated/{path}" for path in listed if path.endswith(".py")} | {
        "app/generated/paper/ours.py"
    }
    assert not any(path.endswith("generated/paper/repository.py") for path in after)


def test_code_that_imported_a_repository_goes_on_working(shop: Path, imported: Any) -> None:
    """In each form of an import; before it is generated again, and after."""
    for step in range(2):
        module = imported("app.modules.paper.service")
        service = module.PaperService()
        assert type(service.repository).__name__ == "OurRepository"
        assert service.repository.owner == "owner_id"
        assert (module.PaperRepository, module.PaperRepository) == service.SAME
        assert module.COMMENTS.__name__ == "CommentRepository"
        assert imported("app.modules.comment.helpers").A == 1
        if step == 0:
            generate(shop, fragments)
    assert module.PaperRepository.__module__ == "app.generated.paper.service"


def test_a_dry_run_shows_the_imports(shop: Path) -> None:
    """Nothing is written; the diff has the files of the app's own too."""
    before = files(shop)
    outcome = preview(shop, fragments)
    assert files(shop) == before
    assert [change.path for change in outcome.imports] == REWRITTEN
    assert "+++ app/modules/paper/service.py" in outcome.diff()
    assert "+from app.generated.paper.service import PaperRepository" in outcome.diff()
    assert "+from app.generated.paper import service as statements" in outcome.diff()


def test_a_crash_between_the_imports_and_the_code_breaks_nothing(
    shop: Path, imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is rewritten works with the former code too, and the next run completes."""

    def crash(*_: object) -> None:
        raise SetupError("crashed")

    with monkeypatch.context() as patches:
        patches.setattr("gatewright.generator.run.write_plan", crash)
        with pytest.raises(SetupError, match="crashed"):
            generate(shop, fragments)
    assert (shop / "app/generated/paper/repository.py").exists()
    assert imported("app.modules.paper.service").PaperService().repository.owner == "owner_id"
    generate(shop, fragments)
    assert imported("app.modules.paper.service").PaperService().repository.owner == "owner_id"


def test_an_edit_of_a_file_that_goes_stops_the_run(shop: Path) -> None:
    """No line that somebody wrote is removed; the message says where it belongs."""
    for path, place in (("paper/repository.py", "app/modules/paper/"), ("tests/rows.py", "a test of your own")):
        edited = shop / "app/generated" / path
        content = edited.read_bytes()
        edited.write_bytes(content + b"OURS = 1\n")
        before = files(shop)
        with pytest.raises(EditedFiles, match="nothing was written") as caught:
            generate(shop, fragments)
        assert "+OURS = 1" in str(caught.value)
        assert place in str(caught.value)
        assert files(shop) == before
        edited.write_bytes(content)


@pytest.mark.parametrize(
    "line", ["from app.generated.tests.people import People", "from app.generated.tests import people, rows"]
)
def test_helpers_of_former_tests_stay_where_users_import_them(shop: Path, line: str) -> None:
    """They are the users' from then on, and a note says so; without an import they go."""
    (shop / "tests/test_ours.py").write_text(f"{line}\n")
    outcome = generate(shop, fragments)
    assert [note for note in outcome.notes if "is no longer generated. It stays" in note] == [
        f"generated/tests/{name}.py is no longer generated. It stays, since your code imports it, and is yours to edit."
        for name in ("people", "rows")
    ]
    assert (shop / "app/generated/tests/people.py").exists()
    assert (shop / "app/generated/tests/rows.py").exists()
    assert not (shop / "app/generated/tests/test_paper.py").exists()
    assert generate(shop, fragments).is_empty
    assert (shop / "app/generated/tests/rows.py").exists()


def test_no_import_is_rewritten_through_a_link_that_leads_out_of_the_app(shop: Path, tmp_path: Path) -> None:
    """A repository can bring links along; what they lead to stays as it is."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "linked.py").write_bytes(SERVICE)
    shutil.rmtree(shop / "tests")
    (shop / "tests").symlink_to(outside)
    (shop / "app/modules/paper/linked.py").symlink_to(outside / "linked.py")
    with pytest.raises(SetupError, match="is behind a link that leads out of the app"):
        generate(shop, fragments)
    (shop / "tests").unlink()
    generate(shop, fragments)
    assert (outside / "linked.py").read_bytes() == SERVICE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"from app.generated.post.repository import A", b"from app.generated.post.service import A"),
        (b"from ..generated.post import repository", b"from ..generated.post import service as repository"),
        (b"from a.generated.post import x, repository as y", b"from a.generated.post import x, service as y"),
        (b"from a.generated.post import repository as y, repository", None),
        (b"x = 'app.generated.post.repository.A'", b"x = 'app.generated.post.service.A'"),
        (b"from app.generated.posts.repository import A", b"from app.generated.posts.repository import A"),
        (b"from app.modules.post.repository import A", b"from app.modules.post.repository import A"),
        (b"from app.generated.post.repositoryx import A", b"from app.generated.post.repositoryx import A"),
        (b"from app.modules.post import repository", b"from app.modules.post import repository"),
        ("é = 1; from g.generated.post import repository".encode(), None),
    ],
)
def test_only_the_imports_change(before: bytes, after: bytes | None) -> None:
    """Absolute and relative, of the class and of the module; not what only looks like it."""
    if after is None:
        after = before.replace(b"repository as y", b"service as y")
        after = after[: -len(b"repository")] + b"service as repository"
    assert rewrite(before + b"\r\n", ["post"]) == after + b"\r\n"


@pytest.mark.extra
@pytest.mark.parametrize("again", [False, True], ids=["as recorded", "generated again"])
def test_its_tests_pass(shop: Path, again: bool, request: pytest.FixtureRequest) -> None:
    """The tests that the earlier commit generated pass on this version, and so do those that are generated now."""
    for path in ("app/wrong.py", "tests/test_ours.py"):
        (shop / path).unlink()
    prepare_tests(shop)
    if again:
        generate(shop, fragments)
    elif request.node.callspec.params["shop"].parent.name == "723c173":
        # It made comments on papers that their authors cannot read, which later versions refuse.
        (shop / "app/generated/tests/test_comment.py").unlink()
    message = run(shop, "pytest", "-q", "-p", "no:cacheprovider", "app/generated/tests")
    assert " passed" in message
    assert " skipped" not in message


@pytest.mark.extra
@pytest.mark.parametrize("again", [False, True], ids=["as recorded", "generated again"])
@pytest.mark.parametrize("recorded", LATER_SHOPS, ids=lambda path: path.parent.name)
def test_the_tests_of_a_later_shop_pass(recorded: Path, again: bool, tmp_path: Path) -> None:
    """As above, and generating again leaves the modules of users as they are."""
    shop = shutil.copytree(recorded, tmp_path / "shop")
    prepare_tests(shop)
    with (shop / "app/modules/paper/service.py").open("a") as file:
        file.write("\nOURS = 1\n")
    modules = {path: path.read_bytes() for path in (shop / "app/modules").rglob("*.py")}
    if again:
        generate(shop, fragments)
    assert " passed" in run(shop, "pytest", "-q", "-p", "no:cacheprovider", "app/generated/tests")
    assert {path: path.read_bytes() for path in (shop / "app/modules").rglob("*.py")} == modules


def prepare_tests(shop: Path) -> None:
    """Put the app's own fixtures beside it, which were not recorded."""
    source = next(source for source, target in FILES.items() if target == "tests/conftest.py")
    (shop / "tests").mkdir(exist_ok=True)
    shutil.copy(SCAFFOLD / source, shop / "tests/conftest.py")
    (shop / "tests/__init__.py").touch()
