# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/email_verification/.
"""The table `email_verifications`."""

from __future__ import annotations

import datetime
import typing

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base

if typing.TYPE_CHECKING:
    from tests.crud.sample.generated.user.models import User


class EmailVerification(Base):
    """A single-use token that was mailed; hashed."""

    __tablename__ = "email_verifications"

    id: orm.Mapped[str] = orm.mapped_column(sa.String, primary_key=True, default=crud.cuid)
    token: orm.Mapped[str] = orm.mapped_column(sa.String, unique=True)
    user_id: orm.Mapped[str | None] = orm.mapped_column(
        sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    purpose: orm.Mapped[str] = orm.mapped_column(sa.String)
    email: orm.Mapped[str] = orm.mapped_column(sa.String)
    attempts: orm.Mapped[int] = orm.mapped_column(sa.Integer, server_default="0")
    used_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(crud.UtcDateTime)
    expires_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, index=True)
    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(crud.UtcDateTime, default=crud.now)

    user: orm.Mapped[User | None] = orm.relationship(
        "User", foreign_keys="EmailVerification.user_id", back_populates="email_verifications", lazy="raise_on_sql"
    )
