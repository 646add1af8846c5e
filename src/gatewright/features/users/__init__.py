"""Accounts: the `User` table, and what users may read and change of their own."""

from gatewright.features.users.routes import make_router
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="users",
    tag=Tag("account", "The account of the signed-in user."),
    router=make_router,
    events={"user.updated": "A user changed their own profile."},
)
