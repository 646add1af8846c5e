"""Accounts with a password: registering, and signing in with it."""

from gatewright.features.password.routes import make_router
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="password",
    router=make_router,
    events={
        "user.registered": "Somebody made an account.",
        "login.failed": "Somebody tried to sign in with a wrong password, or to an account that is not there.",
        "login.refused": "The password was right, but the account is disabled.",
        "password.rehashed": "A stored hash was made anew with today's parameters.",
    },
)
