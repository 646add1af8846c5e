# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/comment/.
"""The table `comments`."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from app.generated.base import Base


class Comment(Base):
    """A row of `comments`."""

    __tablename__ = "comments"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True)
    text: orm.Mapped[str] = orm.mapped_column(sa.Text)
    paper_id: orm.Mapped[str] = orm.mapped_column(
        sa.String, sa.ForeignKey("papers.id", ondelete="RESTRICT"), index=True
    )
    author_id: orm.Mapped[str] = orm.mapped_column(
        sa.String, sa.ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now)
