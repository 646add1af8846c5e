# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/post_reaction/.
"""The table `post_reactions`."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base


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
