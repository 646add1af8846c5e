# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/paper/.
"""The table `papers`."""

from __future__ import annotations

import datetime
import decimal

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from app.generated.base import Base


class Paper(Base):
    """A row of `papers`."""

    __tablename__ = "papers"

    id: orm.Mapped[str] = orm.mapped_column(sa.String, primary_key=True, default=crud.cuid)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    is_draft: orm.Mapped[bool] = orm.mapped_column(sa.Boolean, server_default=sa.true())
    due_on: orm.Mapped[datetime.date | None] = orm.mapped_column(sa.Date)
    cost_price: orm.Mapped[decimal.Decimal | None] = orm.mapped_column(crud.numeric(10, 2))
    owner_id: orm.Mapped[str] = orm.mapped_column(sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now)
