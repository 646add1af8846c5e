# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/session/.
"""The table `sessions`."""

from __future__ import annotations

import builtins
import datetime as datetime_
import decimal as decimal_
import typing
import uuid as uuid_

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm

from tests.crud.sample.generated.base import Base


class Session(Base):
    """A row of `sessions`."""

    __tablename__ = "sessions"

    uuid: orm.Mapped[uuid_.UUID] = orm.mapped_column(sa.Uuid, primary_key=True, default=uuid_.uuid4)
    date: orm.Mapped[datetime_.date] = orm.mapped_column(sa.Date)
    time: orm.Mapped[datetime_.time | None] = orm.mapped_column(sa.Time)
    datetime: orm.Mapped[datetime_.datetime | None] = orm.mapped_column(crud.UtcDateTime)
    seats: orm.Mapped[int | None] = orm.mapped_column(sa.Integer)
    number: orm.Mapped[int | None] = orm.mapped_column(sa.Integer)
    visitors: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, server_default="0")
    waiting: orm.Mapped[int | None] = orm.mapped_column(sa.Integer, server_default="0")
    rating: orm.Mapped[float | None] = orm.mapped_column(sa.Double)
    decimal: orm.Mapped[decimal_.Decimal | None] = orm.mapped_column(crud.numeric(30, 10))
    is_open: orm.Mapped[bool] = orm.mapped_column(sa.Boolean, server_default=sa.true())
    bytes: orm.Mapped[builtins.bytes | None] = orm.mapped_column(sa.LargeBinary)
    str: orm.Mapped[builtins.str | None] = orm.mapped_column("text_of_it", sa.String)
    token: orm.Mapped[uuid_.UUID | None] = orm.mapped_column(sa.Uuid)
    data: orm.Mapped[typing.Any] = orm.mapped_column(sa.JSON(none_as_null=True), server_default="{}")
