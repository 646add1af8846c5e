# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""The table `post_reactions`."""

from __future__ import annotations

import typing

import sqlalchemy as sa
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base

if typing.TYPE_CHECKING:
    from tests.crud.sample.generated.post.models import Post
    from tests.crud.sample.generated.user.models import User


class PostReaction(Base):
    """A row of `post_reactions`."""

    __tablename__ = "post_reactions"

    post_id: orm.Mapped[str] = orm.mapped_column(
        sa.String, sa.ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    user_id: orm.Mapped[str] = orm.mapped_column(
        sa.String, sa.ForeignKey("users.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    emoji: orm.Mapped[str] = orm.mapped_column(sa.String(8))

    post: orm.Mapped[Post] = orm.relationship(
        "Post", foreign_keys="PostReaction.post_id", back_populates="post_reactions", lazy="raise_on_sql"
    )
    user: orm.Mapped[User] = orm.relationship(
        "User", foreign_keys="PostReaction.user_id", back_populates="post_reactions", lazy="raise_on_sql"
    )
