"""The blog of `blog.py`, generated and served."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from gatewright import crud
from gatewright.design.document import Design
from tests.crud.packages import write_package
from tests.crud.related.blog import blog

PACKAGE = "related_blog"


@pytest.fixture(scope="session")
def blog_design() -> Design:
    """Made once."""
    return blog()


@pytest.fixture(scope="session")
def package(blog_design: Design, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The generated code, ready for import."""
    folder = tmp_path_factory.mktemp("generated")
    write_package(folder, blog_design, PACKAGE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield PACKAGE


@pytest.fixture
def design(blog_design: Design) -> Design:
    """The design that is served."""
    return blog_design


@pytest.fixture
def routers(package: str) -> list[crud.Router]:
    """Its generated routes."""
    return [importlib.import_module(f"{package}.generated.routers").router]
