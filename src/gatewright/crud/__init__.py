"""What generated modules are built from: types of columns and fields, repositories, services, resources, access rules.

Generated code takes everything from here: `from gatewright import crud`.
"""

from gatewright.crud.access import Access, Call, Scope
from gatewright.crud.defaults import now, time_of_day, today, ulid, uuid4_text, uuid7, uuid7_text
from gatewright.crud.errors import PreconditionFailed
from gatewright.crud.etags import Versions
from gatewright.crud.list_query import Filter, ListQuery, Sort
from gatewright.crud.references import for_caller
from gatewright.crud.related import ToMany, ToOne
from gatewright.crud.repository import Key, ReadRepository, Repository, Rows, Stored
from gatewright.crud.resource import ReadResource, Resource
from gatewright.crud.schemas import Page, RequestBody, ResponseBody, unset
from gatewright.crud.service import ReadService, Service
from gatewright.crud.types import (
    BigInt,
    Boolean,
    Bytes,
    Date,
    DateTime,
    Decimal,
    Float,
    Int,
    Json,
    KeyString,
    String,
    Text,
    Time,
    Uuid,
)
from gatewright.http.dependencies import OptionalUser, RequestContext
from gatewright.http.routing import Router
from gatewright.ids import cuid
from gatewright.storage.database import Transaction
from gatewright.storage.database_types import PostgresText
from gatewright.storage.schema import NAMING_CONVENTION
from gatewright.storage.types import RowNumber, UtcDateTime, numeric

__all__ = [
    "NAMING_CONVENTION",
    "Access",
    "BigInt",
    "Boolean",
    "Bytes",
    "Call",
    "Date",
    "DateTime",
    "Decimal",
    "Filter",
    "Float",
    "Int",
    "Json",
    "Key",
    "KeyString",
    "ListQuery",
    "OptionalUser",
    "Page",
    "PostgresText",
    "PreconditionFailed",
    "ReadRepository",
    "ReadResource",
    "ReadService",
    "Repository",
    "RequestBody",
    "RequestContext",
    "Resource",
    "ResponseBody",
    "Router",
    "RowNumber",
    "Rows",
    "Scope",
    "Service",
    "Sort",
    "Stored",
    "String",
    "Text",
    "Time",
    "ToMany",
    "ToOne",
    "Transaction",
    "UtcDateTime",
    "Uuid",
    "Versions",
    "cuid",
    "for_caller",
    "now",
    "numeric",
    "time_of_day",
    "today",
    "ulid",
    "unset",
    "uuid4_text",
    "uuid7",
    "uuid7_text",
]
