# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/refresh_token/.
"""The table `refresh_tokens`."""

from __future__ import annotations

import datetime
import typing

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base

if typing.TYPE_CHECKING:
    from tests.crud.sample.generated.user.models import User


class RefreshToken(Base):
    """A signed-in session and its refresh token; hashed."""

    __tablename__ = "refresh_tokens"

    id: orm.Mapped[str] = orm.mapped_column(sa.String, primary_key=True, default=crud.cuid)
    token: orm.Mapped[str] = orm.mapped_column(sa.String, unique=True)
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    generation: orm.Mapped[int] = orm.mapped_column(sa.Integer, server_default="0")
    rotated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(crud.UtcDateTime)
    last_used_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime)
    ended_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(crud.UtcDateTime)
    auth_time: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime)
    amr: orm.Mapped[str] = orm.mapped_column(sa.String)
    ip_address: orm.Mapped[str | None] = orm.mapped_column(sa.String)
    user_agent: orm.Mapped[str | None] = orm.mapped_column(sa.String)
    expires_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now, index=True)

    user: orm.Mapped[User] = orm.relationship(
        "User", foreign_keys="RefreshToken.user_id", back_populates="refresh_tokens", lazy="raise_on_sql"
    )
