"""A feature such as an app adds: a section of settings, a route, a sealed column, and a table of its own."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from sqlalchemy import Column, ForeignKey, LargeBinary, MetaData, String, Table

from gatewright import Feature
from gatewright.core.reencryption import SealedColumn
from gatewright.http.dependencies import CurrentUser, RequestContext
from gatewright.http.feature import Tag
from gatewright.http.routing import Router
from gatewright.migrations.histories import FeatureTables
from gatewright.settings import FeatureSettings, setting

NUMBERS = "gatewright_sms_numbers"


class SmsSettings(FeatureSettings):
    """Text messages."""

    section: ClassVar[str] = "sms"

    sender: str = setting("Shop", "Sender of the messages.")
    codes: int = setting(5, "Codes an hour.", ge=1)


def define_tables(metadata: MetaData) -> None:
    """Add the table of numbers."""
    owner = ForeignKey("users.id", ondelete="CASCADE")
    Table(
        NUMBERS,
        metadata,
        Column("user_id", String(64), owner, primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
    )


router = Router(tags=["text messages"])


@router.get("/auth/sms")
async def sender(context: RequestContext, _user: CurrentUser) -> str:
    """Say who the messages are from."""
    return context.settings.section(SmsSettings).sender


FEATURE = Feature(
    name="sms",
    requires=("login",),
    settings=SmsSettings,
    tag=Tag("text messages", "Codes by text message."),
    router=router,
    sealed=(SealedColumn(NUMBERS, "sealed", "sms number"),),
    tables=FeatureTables(define_tables, Path(__file__).parent / "migrations"),
)
