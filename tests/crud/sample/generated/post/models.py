# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post/.
"""The table `posts`."""

from __future__ import annotations

import datetime
import decimal
import typing

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base

if typing.TYPE_CHECKING:
    from tests.crud.sample.generated.post_reaction.models import PostReaction
    from tests.crud.sample.generated.user.models import User


class Post(Base):
    """An article that somebody wrote."""

    __tablename__ = "posts"
    __table_args__ = (sa.Index("ix_posts_author_id_created_at", "author_id", "created_at"),)

    id: orm.Mapped[str] = orm.mapped_column(sa.String, primary_key=True, default=crud.cuid)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    slug: orm.Mapped[str | None] = orm.mapped_column(sa.String(80), unique=True)
    body: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    author_id: orm.Mapped[str] = orm.mapped_column(
        sa.String, sa.ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    status: orm.Mapped[str] = orm.mapped_column(sa.String(9), server_default="draft")
    price: orm.Mapped[decimal.Decimal | None] = orm.mapped_column(crud.numeric(10, 2))
    tags: orm.Mapped[typing.Any | None] = orm.mapped_column(sa.JSON(none_as_null=True))
    moderation_note: orm.Mapped[str | None] = orm.mapped_column(sa.Text)
    views: orm.Mapped[int] = orm.mapped_column(sa.Integer, server_default="0")
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now)
    updated_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now, onupdate=crud.now)

    author: orm.Mapped[User] = orm.relationship(
        "User", foreign_keys="Post.author_id", back_populates="posts", lazy="raise_on_sql"
    )
    post_reactions: orm.Mapped[list[PostReaction]] = orm.relationship(
        "PostReaction",
        foreign_keys="PostReaction.post_id",
        back_populates="post",
        passive_deletes="all",
        lazy="raise_on_sql",
    )
