"""What generated modules stand on: types of columns and fields, repositories, services, resources, access rules.

Generated code takes everything from here: `from gatewright import crud`.
"""

from gatewright.crud.access import Access as Access
from gatewright.crud.access import Call as Call
from gatewright.crud.access import Scope as Scope
from gatewright.crud.defaults import now as now
from gatewright.crud.defaults import time_of_day as time_of_day
from gatewright.crud.defaults import today as today
from gatewright.crud.defaults import ulid as ulid
from gatewright.crud.defaults import uuid4_text as uuid4_text
from gatewright.crud.defaults import uuid7 as uuid7
from gatewright.crud.defaults import uuid7_text as uuid7_text
from gatewright.crud.errors import PreconditionFailed as PreconditionFailed
from gatewright.crud.etags import Versions as Versions
from gatewright.crud.list_query import Filter as Filter
from gatewright.crud.list_query import ListQuery as ListQuery
from gatewright.crud.list_query import Sort as Sort
from gatewright.crud.repository import Key as Key
from gatewright.crud.repository import ReadRepository as ReadRepository
from gatewright.crud.repository import Repository as Repository
from gatewright.crud.repository import Rows as Rows
from gatewright.crud.repository import Stored as Stored
from gatewright.crud.resource import ReadResource as ReadResource
from gatewright.crud.resource import Resource as Resource
from gatewright.crud.schemas import Page as Page
from gatewright.crud.schemas import RequestBody as RequestBody
from gatewright.crud.schemas import ResponseBody as ResponseBody
from gatewright.crud.schemas import unset as unset
from gatewright.crud.service import ReadService as ReadService
from gatewright.crud.service import Service as Service
from gatewright.crud.types import BigInt as BigInt
from gatewright.crud.types import Boolean as Boolean
from gatewright.crud.types import Bytes as Bytes
from gatewright.crud.types import Date as Date
from gatewright.crud.types import DateTime as DateTime
from gatewright.crud.types import Decimal as Decimal
from gatewright.crud.types import Float as Float
from gatewright.crud.types import Int as Int
from gatewright.crud.types import Json as Json
from gatewright.crud.types import KeyString as KeyString
from gatewright.crud.types import String as String
from gatewright.crud.types import Text as Text
from gatewright.crud.types import Time as Time
from gatewright.crud.types import Uuid as Uuid
from gatewright.http.dependencies import OptionalUser as OptionalUser
from gatewright.http.dependencies import RequestContext as RequestContext
from gatewright.http.routing import Router as Router
from gatewright.ids import cuid as cuid
from gatewright.storage.database import Transaction as Transaction
from gatewright.storage.schema import NAMING_CONVENTION as NAMING_CONVENTION
from gatewright.storage.types import RowNumber as RowNumber
from gatewright.storage.types import UtcDateTime as UtcDateTime
from gatewright.storage.types import numeric as numeric
