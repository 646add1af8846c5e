# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""The routes of `/users`."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.generated.email_verification.schemas import EmailVerificationRead
from tests.crud.sample.generated.post.schemas import PostRead
from tests.crud.sample.generated.post_reaction.schemas import PostReactionRead
from tests.crud.sample.generated.refresh_token.schemas import RefreshTokenRead
from tests.crud.sample.generated.user.models import User


class UserResource(crud.ReadResource[User]):
    """`/users`: list and read."""

    path = "/users"
    relations = (
        crud.ToMany("posts", PostRead),
        crud.ToMany("post_reactions", PostReactionRead),
        crud.ToMany("refresh_tokens", RefreshTokenRead),
        crud.ToMany("email_verifications", EmailVerificationRead),
    )
