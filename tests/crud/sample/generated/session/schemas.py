# Written by "gatewright generate" from db.design.json. Changes of yours belong in modules/session/.
"""What clients send and get of `/sessions`."""

from __future__ import annotations

import pydantic
from gatewright import crud


class SessionRead(crud.ResponseBody, defer_build=True):
    """A row of `sessions`."""

    uuid: crud.Uuid
    date: crud.Date
    time: crud.Time | None
    datetime: crud.DateTime | None
    seats: crud.Int | None
    number: crud.Int | None
    visitors: crud.BigInt
    waiting: crud.Int | None
    rating: crud.Float | None
    decimal: crud.Decimal | None
    is_open: crud.Boolean
    bytes: crud.Bytes | None
    str: crud.String | None
    token: crud.Uuid | None
    data: crud.Json


class SessionCreate(crud.RequestBody, defer_build=True):
    """What a new row is made from."""

    date: crud.Date
    time: crud.Time | None = None
    datetime: crud.DateTime | None = None
    seats: crud.Int | None = pydantic.Field(None, ge=1, le=500)
    number: crud.Int | None = None
    visitors: crud.BigInt = 0
    waiting: crud.Int | None = 0
    rating: crud.Float | None = None
    decimal: crud.Decimal | None = pydantic.Field(None, max_digits=30, decimal_places=10)
    is_open: crud.Boolean = True
    bytes: crud.Bytes | None = pydantic.Field(None, max_length=16)
    str: crud.String | None = None
    token: crud.Uuid | None = None
    data: crud.Json = crud.unset()


class SessionUpdate(crud.RequestBody, defer_build=True):
    """What may change of a row. What is left out stays as it is."""

    date: crud.Date = crud.unset()
    time: crud.Time | None = crud.unset()
    datetime: crud.DateTime | None = crud.unset()
    seats: crud.Int | None = crud.unset(ge=1, le=500)
    number: crud.Int | None = crud.unset()
    visitors: crud.BigInt = crud.unset()
    waiting: crud.Int | None = crud.unset()
    rating: crud.Float | None = crud.unset()
    decimal: crud.Decimal | None = crud.unset(max_digits=30, decimal_places=10)
    is_open: crud.Boolean = crud.unset()
    bytes: crud.Bytes | None = crud.unset(max_length=16)
    str: crud.String | None = crud.unset()
    token: crud.Uuid | None = crud.unset()
    data: crud.Json = crud.unset()
