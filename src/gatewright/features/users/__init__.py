"""Accounts: the `User` table, and what users may read and change of their own."""

from gatewright.features.users.routes import make_router
from gatewright.features.users.tables import USER
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="users",
    tables=(USER,),
    router=make_router,
    events={"user.updated": "A user changed their own profile."},
)
