"""A table or a column gets another name: the app's own code goes along, whole or not at all."""

from __future__ import annotations

import py_compile
from pathlib import Path
from typing import Any

import pytest

from gatewright.errors import SetupError
from gatewright.generator.renamed import TableNames
from gatewright.generator.rewriting import rewrite
from gatewright.generator.run import Outcome, generate, preview
from tests.generator.apps import run
from tests.generator.designs import fragments, post, write

TITLE = {"name": "headline", "type": "String", "isRequired": True, "renamedFrom": "title"}
ARTICLE: dict[str, Any] = {**post(), "name": "Article", "renamedFrom": "Post"}
ARTICLE["columns"] = [TITLE if column["name"] == "title" else column for column in post()["columns"]]

OWN = {
    "app/modules/post/service.py": '''"""Mine."""

from __future__ import annotations

from app.generated.post import service as generated
from app.generated.post.models import Post
from app.generated.post.schemas import PostCreate


class PostService(generated.PostService):
    """Titles  in   capitals; this line  keeps its spaces."""

    def loud(self, post: Post) -> PostCreate:
        return PostCreate(title=post.title.upper())  # post.title

    column = Post.title
''',
    "app/modules/post/words.txt": "Post",
    "app/modules/post/router.py": '''"""Mine too."""

from gatewright import crud

from app.generated.post.router import PostResource
from .service import PostService

router = crud.Router(tags=["posts"])
PostResource(PostService()).add_to(router)
''',
    "app/other.py": "import app.generated.post.models\n\nmodel = app.generated.post.models.Post\n",
    "app/all_models.py": "from app.generated import Post\n\nshown = (Post.title, Post(title='a'))\n",
    "app/unrelated.py": "Post = 'a name of my own'\nprint(Post)\n",
    "app/taken.py": "from app.generated.post.models import Post\n\nArticle = 1\nprint(Post, Article)\n",
    "tests/test_mine.py": "from app.modules.post.service import PostService\nfrom app.generated import post\n"
    "\nx = PostService, post.models\nTARGET = 'app.modules.post.service'\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app with a table and code of its own."""
    write(tmp_path, post())
    generate(tmp_path, fragments)
    for path, text in OWN.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def tree(app: Path) -> dict[str, bytes]:
    """All files but caches."""
    paths = [path for path in sorted(app.rglob("*")) if path.is_file() and ".gatewright" not in path.parts]
    return {path.relative_to(app).as_posix(): path.read_bytes() for path in paths if "__pycache__" not in path.parts}


def rename(app: Path, *, move: bool = True) -> Outcome:
    write(app, ARTICLE)
    return generate(app, fragments, move=move)


def test_the_module_of_a_renamed_table_moves_and_imports_follow(app: Path) -> None:
    """Every other byte of the app's own code stays; other files of the folder go along."""
    outcome = rename(app)
    assert outcome.moved == (("post", "article"),)
    assert not (app / "app/modules/post").exists()
    files = tree(app)
    assert files["app/modules/article/words.txt"] == b"Post"
    expected = OWN["app/modules/post/service.py"]
    for old, new in (
        ("generated.post", "generated.article"),
        ("import Post\n", "import Article\n"),
        ("import PostCreate", "import ArticleCreate"),
        ("class PostService(generated.PostService)", "class ArticleService(generated.ArticleService)"),
        ("post: Post) -> PostCreate", "post: Article) -> ArticleCreate"),
        ("PostCreate(title=", "ArticleCreate(headline="),
        ("column = Post.title", "column = Article.headline"),
    ):
        assert old in expected
        expected = expected.replace(old, new)
    assert files["app/modules/article/service.py"].decode() == expected
    router = files["app/modules/article/router.py"].decode()
    assert "from app.generated.article.router import ArticleResource\nfrom .service import ArticleService\n" in router
    assert "ArticleResource(ArticleService()).add_to(router)" in router
    assert files["app/other.py"].decode() == (
        "import app.generated.article.models\n\nmodel = app.generated.article.models.Article\n"
    )
    assert files["app/unrelated.py"].decode() == OWN["app/unrelated.py"]
    assert files["app/taken.py"].decode() == (
        "from app.generated.article.models import Article as Post\n\nArticle = 1\nprint(Post, Article)\n"
    )
    assert files["app/all_models.py"].decode() == (
        "from app.generated import Article\n\nshown = (Article.headline, Article(headline='a'))\n"
    )
    assert files["tests/test_mine.py"].decode() == (
        "from app.modules.article.service import ArticleService\nfrom app.generated import article as post\n"
        "\nx = ArticleService, post.models\nTARGET = 'app.modules.post.service'\n"
    )


def test_the_relation_of_a_renamed_reference_follows(app: Path) -> None:
    """`Post.author` belongs to `authorId`, and gets another name along with it."""
    (app / "app/all_models.py").write_text("from app.generated import Post\n\nshown = Post.author, Post.author_id\n")
    columns = [
        {**column, "name": "writerId", "id": "authorId"} if column["name"] == "authorId" else column
        for column in post()["columns"]
    ]
    write(app, {**post(), "columns": columns})
    generate(app, fragments)
    assert "shown = Post.writer, Post.writer_id" in (app / "app/all_models.py").read_text()


def test_what_is_left_to_do_by_hand_is_listed(app: Path) -> None:
    """Attributes of what may be any object, and texts that name a module, with their lines."""
    notes = "\n".join(rename(app).notes)
    assert "app/modules/article/service.py:14" in notes
    assert "tests/test_mine.py:5" in notes
    assert "unrelated" not in notes
    assert generate(app, fragments).is_empty


def test_the_renamed_code_runs(app: Path) -> None:
    """The app's own code imports what there is now."""
    rename(app)
    (app / "probe.py").write_text(
        "import app.taken, app.other, app.modules.article.router as r; print(r.router.routes)\n"
    )
    assert "/articles" in run(app, "probe")


def test_a_preview_shows_the_move_and_writes_nothing(app: Path) -> None:
    """Neither does it with other files."""
    write(app, ARTICLE)
    before = tree(app)
    outcome = preview(app, fragments)
    assert outcome.moved == (("post", "article"),)
    assert "+class ArticleService(generated.ArticleService):" in outcome.diff()
    assert tree(app) == before


def test_a_move_can_be_declined(app: Path) -> None:
    """The app's own code is as it was, and a new module is made beside it."""
    before = {path: content for path, content in tree(app).items() if path in OWN}
    outcome = rename(app, move=False)
    assert outcome.moved == ()
    assert outcome.made == ("article",)
    assert before.items() <= tree(app).items()
    assert generate(app, fragments).is_empty


def test_a_folder_in_the_way_stops_the_run(app: Path) -> None:
    """Nothing is written: two folders of a person's own code are not one."""
    (app / "app/modules/article").mkdir()
    write(app, ARTICLE)
    before = tree(app)
    with pytest.raises(SetupError, match="modules/article/ is there already"):
        generate(app, fragments)
    assert tree(app) == before


def test_a_file_that_python_cannot_read_goes_along_as_it_is(app: Path) -> None:
    """And is listed."""
    (app / "app/modules/post/wrong.py").write_text("from app.generated.post import (\n")
    outcome = rename(app)
    assert (app / "app/modules/article/wrong.py").read_text() == "from app.generated.post import (\n"
    assert any("app/modules/article/wrong.py:" in note and "not valid Python" in note for note in outcome.notes)


def test_two_tables_swap_their_modules(tmp_path: Path) -> None:
    """Each folder goes with its table."""
    tables = [{**post(), "name": name, "indexes": []} for name in ("Alpha", "Beta")]
    write(tmp_path, *tables)
    generate(tmp_path, fragments)
    for name in ("alpha", "beta"):
        (tmp_path / f"app/modules/{name}/mine.txt").write_text(name)
    swapped = {"Alpha": "Beta", "Beta": "Alpha"}
    write(tmp_path, *({**table, "name": swapped[table["name"]], "id": table["name"]} for table in tables))
    generate(tmp_path, fragments)
    assert (tmp_path / "app/modules/beta/mine.txt").read_text() == "alpha"
    assert (tmp_path / "app/modules/alpha/mine.txt").read_text() == "beta"
    assert b"generated.alpha" in (tmp_path / "app/modules/alpha/service.py").read_bytes()
    assert b"class AlphaService(generated.AlphaService)" in (tmp_path / "app/modules/alpha/service.py").read_bytes()


def test_a_run_that_cannot_exchange_the_folders_changes_nothing(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or nothing: the package is as it was, and the next run does it."""
    write(app, ARTICLE)
    before = {path: content for path, content in tree(app).items() if path.startswith("app/")}

    def fail(*_: Path) -> None:
        raise PermissionError(13, "Permission denied", "app")

    with monkeypatch.context() as patched:
        patched.setattr("gatewright.generator.write.exchange", fail)
        with pytest.raises(SetupError, match="can't be written"):
            generate(app, fragments)
    assert {path: content for path, content in tree(app).items() if path.startswith("app/")} == before
    assert generate(app, fragments).moved == (("post", "article"),)
    assert b"app.modules.article.service import ArticleService" in tree(app)["tests/test_mine.py"]


def test_byte_code_of_the_former_module_is_gone(app: Path) -> None:
    """Python could take it for the new one."""
    source = app / "app/modules/post/service.py"
    py_compile.compile(str(source))
    rename(app)
    assert not list((app / "app/modules").rglob("__pycache__"))


def test_links_and_permissions_stay(app: Path) -> None:
    """A link leads where it led, and a script stays one that can be run."""
    (app / "app/modules/post/link.py").symlink_to("service.py")
    (app / "app/run.sh").write_text("#!/bin/sh\n")
    (app / "app/run.sh").chmod(0o755)
    rename(app)
    assert (app / "app/modules/article/link.py").readlink() == Path("service.py")
    assert (app / "app/run.sh").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from app.generated.post.models import Post as P\nP.title\n", "P.headline"),
        ("from ...generated.post.models import Post\nPost.title\n", "from app.generated.article.models import Article"),
        ("from app.generated.post.models import *\n", "from app.generated.article.models import *"),
        ("def f(title):\n    Post = 1\n    return title\n", "def f(title):\n    Post = 1\n    return title\n"),
        ("\ufefffrom app.generated.post.models import Post\r\nx = Post\r\n", "import Article\r\nx = Article\r\n"),
        (
            "# coding: latin-1\nfrom app.generated.post import models  # \xe9\n",
            "from app.generated.article import models",
        ),
    ],
)
def test_a_file_is_rewritten_by_what_its_names_mean(source: str, expected: str) -> None:
    """Also behind another name, a relative import, another encoding or other ends of lines."""
    names = TableNames(("post", "article"), ("Post", "Article"), {"title": "headline"})
    encoding = "latin-1" if "coding" in source else "utf-8"
    new = rewrite(source.encode(encoding), "app.modules.tag.service", [names])
    assert expected in new.decode(encoding)
