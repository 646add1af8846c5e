# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""What all models have in common."""

from __future__ import annotations

import sqlalchemy as sa
from gatewright import crud
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    """The base of every model."""

    metadata = sa.MetaData(naming_convention=crud.NAMING_CONVENTION)
