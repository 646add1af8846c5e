# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""The table `users`."""

from __future__ import annotations

import datetime
import typing

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base

if typing.TYPE_CHECKING:
    from tests.crud.sample.generated.email_verification.models import EmailVerification
    from tests.crud.sample.generated.post.models import Post
    from tests.crud.sample.generated.post_reaction.models import PostReaction
    from tests.crud.sample.generated.refresh_token.models import RefreshToken


class User(Base):
    """An account."""

    __tablename__ = "users"

    id: orm.Mapped[str] = orm.mapped_column(sa.String, primary_key=True, default=crud.cuid)
    email: orm.Mapped[str] = orm.mapped_column(sa.String, unique=True)
    email_key: orm.Mapped[str] = orm.mapped_column(sa.String, unique=True)
    password: orm.Mapped[str | None] = orm.mapped_column(sa.String)
    first_name: orm.Mapped[str | None] = orm.mapped_column(sa.String)
    last_name: orm.Mapped[str | None] = orm.mapped_column(sa.String)
    is_email_verified: orm.Mapped[bool] = orm.mapped_column(sa.Boolean, server_default=sa.false())
    role: orm.Mapped[str] = orm.mapped_column(sa.String, server_default="USER")
    disabled_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(crud.UtcDateTime)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now)
    updated_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now, onupdate=crud.now)

    posts: orm.Mapped[list[Post]] = orm.relationship(
        "Post", foreign_keys="Post.author_id", back_populates="author", passive_deletes="all", lazy="raise_on_sql"
    )
    post_reactions: orm.Mapped[list[PostReaction]] = orm.relationship(
        "PostReaction",
        foreign_keys="PostReaction.user_id",
        back_populates="user",
        passive_deletes="all",
        lazy="raise_on_sql",
    )
    refresh_tokens: orm.Mapped[list[RefreshToken]] = orm.relationship(
        "RefreshToken",
        foreign_keys="RefreshToken.user_id",
        back_populates="user",
        passive_deletes="all",
        lazy="raise_on_sql",
    )
    email_verifications: orm.Mapped[list[EmailVerification]] = orm.relationship(
        "EmailVerification",
        foreign_keys="EmailVerification.user_id",
        back_populates="user",
        passive_deletes="all",
        lazy="raise_on_sql",
    )
