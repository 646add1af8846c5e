# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/user/.
"""The table `users`."""

from __future__ import annotations

import datetime

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from app.generated.base import Base


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
    company: orm.Mapped[str | None] = orm.mapped_column(sa.String(80))
