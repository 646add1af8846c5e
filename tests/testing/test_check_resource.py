"""`check_resource`: a resource that keeps its contract passes, and each rule that one breaks is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from gatewright import Conflict, Gatewright, crud
from gatewright import app as app_module
from gatewright.crud.references import References
from gatewright.crud.related import Link
from gatewright.design.document import CALLS, Column, ColumnType, Rule, RuleKind, Table
from gatewright.generator.samples import series
from gatewright.http.problems import answer_with_problems
from gatewright.storage.schema import Schema
from gatewright.testing import AsUser, BrokenContract, FakeClock, check_resource
from tests.conftest import make_settings
from tests.crud.conftest import sample_design
from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post.router import PostResource
from tests.crud.sample.generated.post.schemas import PostCreate, PostRead
from tests.crud.sample.generated.post.service import PostRepository, PostService
from tests.crud.sample.generated.post_reaction.router import PostReactionResource
from tests.crud.sample.generated.post_reaction.service import PostReactionRepository, PostReactionService
from tests.crud.sample.generated.routers import router as sample_router
from tests.crud.sample.generated.session.router import SessionResource
from tests.crud.sample.generated.session.service import SessionService

Serve = Callable[..., None]


@pytest.fixture(scope="module")
def running(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Gatewright]]:
    """An app without routes of its own, on a database with the sample's tables."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("checked") / "checked.db")
    roles = {"EDITOR": {"permissions": ["posts:*"]}}
    settings = make_settings(f"sqlite:///{path}", roles=roles, rate_limit_enabled=False)
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(app_module, "design_of", lambda _folder: sample_design())
        auth = Gatewright(settings, clock=FakeClock())
    app = FastAPI(lifespan=auth.lifespan)
    answer_with_problems(app)
    auth.install(app)
    with TestClient(app) as client:
        assert client.portal is not None
        client.portal.call(auth.database.migrate, Schema(auth.design).metadata.create_all)
        yield client, auth


@pytest.fixture
def as_user(running: tuple[TestClient, Gatewright]) -> AsUser:
    return AsUser(*running)


@pytest.fixture
def serve(running: tuple[TestClient, Gatewright]) -> Iterator[Serve]:
    """Adds resources to the app, in front of the sample's, until the test ends."""
    app: Any = running[0].app
    before = list(app.router.routes)

    def add(*resources: crud.ReadResource[Any]) -> None:
        router = crud.Router(tags=["posts"])
        for resource in resources:
            resource.add_to(router)
        app.include_router(router)
        app.include_router(sample_router)

    yield add
    app.router.routes[:] = before


def broken(as_user: AsUser, table: str) -> list[str]:
    """What the check says of a resource that breaks its contract."""
    with pytest.raises(BrokenContract) as caught:
        check_resource(as_user, table)
    first, *lines = str(caught.value).splitlines()
    assert first == f"The resource of {table} is not what the design says."
    return lines


@contextmanager
def redesigned(as_user: AsUser, name: str, *fixed: str, **access: str) -> Iterator[None]:
    """Let the design say something else of a table than its resource does.

    Args:
        fixed: Columns that clients can't set.
        access: The one rule of each call.
    """
    design = as_user.auth.design
    table = design.table(name)
    rules: dict[str, Any] = {call: (Rule(*_rule(text)),) for call, text in access.items()}
    columns = tuple(replace(column, is_read_only=column.name in fixed) for column in table.columns)
    other = replace(table, access=replace(table.access, **rules), columns=columns if fixed else table.columns)
    tables = tuple(other if each is table else each for each in design.tables)
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(as_user.auth, "design", replace(design, tables=tables))
        yield


def _rule(text: str) -> tuple[RuleKind, str]:
    kind, _, name = text.partition(":")
    return RuleKind(kind), name


@pytest.mark.parametrize("table", ["Post", "PostReaction", "Session", "User", "RefreshToken", "EmailVerification"])
def test_a_resource_that_keeps_its_contract_passes(as_user: AsUser, serve: Serve, table: str) -> None:
    """As generated, the engine's tables included."""
    serve()
    check_resource(as_user, table)


RULES: list[tuple[dict[str, Any], str]] = [
    ({"create": ["public"]}, "access.create (authenticated): POST /posts by an anonymous client answered "),
    ({"list": ["authenticated"]}, "access.list (public): GET /posts by an anonymous client answered 401, not 200."),
    ({"read": ["owner"]}, "access.read (public): GET /posts/"),
    ({"update": ["authenticated"]}, "access.update (owner): PATCH /posts/"),
    ({"delete": ["owner"]}, "access.delete (owner, role:EDITOR): DELETE /posts/"),
    ({"delete": ["public"]}, "access.delete (owner, role:EDITOR): GET /posts/"),
]


@pytest.mark.parametrize(("changed", "message"), RULES, ids=lambda value: str(value)[:20])
def test_an_access_rule_that_is_not_applied_is_named(
    as_user: AsUser, serve: Serve, changed: dict[str, Any], message: str
) -> None:
    """Wider or narrower than the design says, for each of the five calls."""
    rules: dict[str, Any] = {call: PostService.access.rules(call) for call in CALLS}

    class RuledService(PostService):
        access = crud.Access(**{**rules, **changed})

    serve(PostResource(RuledService()))
    assert any(line.startswith(f"Post.{message}") for line in broken(as_user, "Post"))


def test_a_rule_by_permission_is_checked_with_a_role_that_has_it(as_user: AsUser, serve: Serve) -> None:
    """The role is in no rule; the settings grant it the permission."""

    class RuledService(PostService):
        access = crud.Access(**{call: ["authenticated"] for call in CALLS})

    serve(PostResource(RuledService()))
    with redesigned(as_user, "Post", **dict.fromkeys(CALLS, "permission:posts:write")):
        found = broken(as_user, "Post")
    assert any("by another user answered 200, not 403" in line for line in found)
    assert not any("by EDITOR" in line for line in found)


def test_access_is_checked_where_no_row_can_be_made(as_user: AsUser, serve: Serve) -> None:
    """A table whose rows the app alone makes; the calls that the rules refuse need no row."""

    class PublicService(PostService):
        access = crud.Access(**{call: ["public"] for call in CALLS})

    serve(PostResource(PublicService()))
    with redesigned(as_user, "Post", "title"):
        found = broken(as_user, "Post")
    for line in (
        "access.create (authenticated): POST /posts by an anonymous client answered 422, not 401.",
        "access.update (owner): PATCH /posts/x by an anonymous client answered 404, not 401.",
        "access.delete (owner, role:EDITOR): DELETE /posts/x by an anonymous client answered 404, not 401.",
    ):
        assert f"Post.{line}" in found


def test_ownership_that_is_not_applied_is_named(as_user: AsUser, serve: Serve) -> None:
    """The rows of others are listed, read, changed and deleted."""

    class EverysRepository(PostReactionRepository):
        def within(self, scope: crud.Scope) -> list[Any]:
            return []

    class EverysService(PostReactionService):
        repository = EverysRepository()

    serve(PostReactionResource(EverysService()))
    found = broken(as_user, "PostReaction")
    for line in (
        "access.list (owner): GET /post-reactions by another user holds a row of the owner.",
        "access.read (owner): GET /post-reactions/",
        "access.update (owner): PATCH /post-reactions/",
        "access.delete (owner): DELETE /post-reactions/",
    ):
        assert any(each.startswith(f"PostReaction.{line}") for each in found), line


def test_a_row_that_comes_with_another_against_its_rules_is_named(
    as_user: AsUser, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account of an author is for its user and for administrators."""
    monkeypatch.setattr(Link, "conditions", lambda *_: [])
    serve(PostResource(PostService()))
    found = broken(as_user, "Post")
    assert any(
        line.startswith("Post.author: GET /posts/")
        and line.endswith("with include=author holds a row, and its own path says otherwise.")
        for line in found
    ), found


class ReadAll(PostRead):
    """A post with its hidden column."""

    moderation_note: crud.Text | None


def test_a_hidden_column_that_is_shown_is_named(as_user: AsUser, serve: Serve) -> None:
    """In answers, and in what lists are sorted and filtered by."""

    class ShowingRepository(PostRepository):
        shown: Any = ReadAll

    class ShowingService(PostService):
        repository = ShowingRepository()

    serve(PostResource(ShowingService()))
    found = broken(as_user, "Post")
    assert "Post.moderationNote.isHidden: the answer to a read holds it." in found
    assert "Post.moderationNote.isHidden: the answer to a create holds it." in found
    assert "Post.moderationNote.isHidden: GET /posts with sort answered 200, not 422." in found
    assert "Post.moderationNote.isHidden: GET /posts with filter[moderationNote] answered 200, not 422." in found


class CreateMore(PostCreate):
    """A new post, with what only the server may set."""

    views: crud.Int = 0
    author_id: crud.String | None = None


def test_a_column_that_clients_may_not_set_is_named(as_user: AsUser, serve: Serve) -> None:
    """Read-only columns, and the owner of a row."""

    class SettingResource(PostResource):
        create_schema = CreateMore

    serve(SettingResource(PostService()))
    found = broken(as_user, "Post")
    assert any(line.startswith("Post.views.isReadOnly: POST /posts that sets it answered 422") for line in found)
    assert any(line.startswith("Post.authorId.ownerColumn: POST /posts that sets it answered 201") for line in found)


def test_a_reference_to_a_row_of_another_is_named(as_user: AsUser, serve: Serve) -> None:
    """A reaction to a post that its author alone may read."""

    class OpenService(PostReactionService):
        def _references(self, *_given: Any, **_options: Any) -> References:
            return References()

    serve(PostReactionResource(OpenService()))
    with redesigned(as_user, "Post", read="owner"):
        found = broken(as_user, "PostReaction")
    assert any(line.startswith("PostReaction.postId.references: POST /post-reactions") for line in found)


def test_missing_entity_tags_are_named(as_user: AsUser, serve: Serve) -> None:
    """Of a row that was made, read or changed."""

    class UntaggedResource(PostResource):
        def _row(self, *given: Any, **options: Any) -> Any:
            answer = super()._row(*given, **options)
            del answer.headers["ETag"]
            return answer

    serve(UntaggedResource(PostService()))
    found = broken(as_user, "Post")
    for call in ("create", "read", "update"):
        assert f"Post.ETag: the answer to a {call} has no ETag." in found


def test_a_version_that_is_not_compared_is_named(as_user: AsUser, serve: Serve) -> None:
    """Changes and deletions that ignore `If-Match`."""

    class CarelessService(PostService):
        async def update(self, call: crud.Call, key: Any, body: Any, versions: Any = None) -> crud.Stored[Post]:
            return await super().update(call, key, body)

        async def delete(self, call: crud.Call, key: Any, versions: Any = None) -> None:
            await super().delete(call, key)

    serve(PostResource(CarelessService()))
    found = broken(as_user, "Post")
    for method, status in (("PATCH", 200), ("DELETE", 204)):
        end = f"with another version answered {status}, not 412."
        assert any(line.startswith(f"Post.If-Match: {method} /posts/") and line.endswith(end) for line in found)


def test_a_row_that_outlives_its_deletion_is_named(as_user: AsUser, serve: Serve) -> None:
    """It has to be 404 from then on."""

    class KeepingService(PostService):
        async def delete(self, call: crud.Call, key: Any, versions: Any = None) -> None:
            self.access.scope("delete", call.user)
            await self._unchanged(call, key, self.access.scope("delete", call.user), versions)

    serve(PostResource(KeepingService()))
    found = broken(as_user, "Post")
    assert any(line.endswith("of a deleted row answered 200, not 404.") for line in found)


def test_a_new_row_that_is_shown_to_the_wrong_callers_is_named(as_user: AsUser, serve: Serve) -> None:
    """Those who may write a row and not read it get no body, and the others do."""

    class ShowingService(SessionService):
        access = crud.Access(list=["authenticated"], create=["authenticated"], update=["role:EDITOR"])

        def shows(self, call: crud.Call, _row: Any) -> bool:
            return call.user is None or call.user.role != "ADMIN"

    serve(SessionResource(ShowingService()))
    with redesigned(as_user, "Session", create="authenticated", read="role:ADMIN"):
        found = broken(as_user, "Session")
    for line in (
        "access.read (role:ADMIN): POST /sessions by another user shows the new row.",
        "access.read (role:ADMIN): POST /sessions by ADMIN does not show the new row.",
    ):
        assert f"Session.{line}" in found
    assert any("by EDITOR answered 200, not 204" in line for line in found)


def test_a_value_that_is_not_kept_is_named(as_user: AsUser, serve: Serve) -> None:
    """A hook that writes something else is for a person to look at."""

    class ShoutingService(PostService):
        async def before_create(self, _call: crud.Call, values: dict[str, Any]) -> None:
            values["title"] = values["title"].upper()

    serve(PostResource(ShoutingService()))
    assert "Post.title: POST /posts was sent 'Some title', and kept 'SOME TITLE'." in broken(as_user, "Post")


def test_a_row_that_is_refused_is_shown_with_its_answer(as_user: AsUser, serve: Serve) -> None:
    """A hook that refuses what the design allows; nothing else can be checked then."""

    class RefusingService(PostService):
        async def before_create(self, _call: crud.Call, _values: dict[str, Any]) -> None:
            raise Conflict("Posts are closed.")

    serve(PostResource(RefusingService()))
    (line,) = broken(as_user, "Post")
    assert line.startswith("Post: POST /posts by ADMIN has to make a row and name it in Location; it answered 409")
    assert "Posts are closed." in line


def test_a_resource_that_is_not_there_is_named(as_user: AsUser) -> None:
    """A router that somebody forgot to include."""
    assert "has to make a row" in "\n".join(broken(as_user, "Post"))
    assert "User.access.list (none, so ADMIN alone): GET /users by ADMIN answered 404, not 200." in broken(
        as_user, "User"
    )


def test_an_engines_table_that_clients_change_is_named(
    as_user: AsUser, running: tuple[TestClient, Gatewright], serve: Serve
) -> None:
    """The engine alone writes its tables."""
    app: Any = running[0].app

    async def make_user() -> None: ...

    app.post("/users")(make_user)

    serve()
    assert broken(as_user, "User") == ["User.the engine's table: POST /users by ADMIN answered 200, not 405."]


def test_a_table_that_does_not_exist_is_an_error(as_user: AsUser) -> None:
    """A misspelt name is no check that passes."""
    with pytest.raises(ValueError, match="no table 'Pots'; did you mean 'Post'"):
        check_resource(as_user, "Pots")


def test_numbers_stay_within_the_limits_of_their_column() -> None:
    """Another one each time, however many rows a run has made, and again from the first when there are no more."""
    column = Column(name="seat", type=ColumnType.INT, is_unique=True, min_value=3, max_value=5)
    make = series(column, Table(name="Seat", columns=(column,)))
    assert make is not None
    assert [make(number) for number in range(1, 6)] == [3, 4, 5, 3, 4]
