"""Accounts with a password: registering, and signing in with it."""

from gatewright.features.login.recovery import RESET_PASSWORD
from gatewright.features.password.mails import ADDRESS_TAKEN, PASSWORD_CHANGED
from gatewright.features.password.routes import make_router
from gatewright.features.password.settings import PasswordSettings
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="password",
    requires=("login", "email_verification"),
    settings=PasswordSettings,
    router=make_router,
    mails=(RESET_PASSWORD, PASSWORD_CHANGED, ADDRESS_TAKEN),
    events={
        "user.registered": "A client registered an account.",
        "user.registration_refused": "A client tried to register an address that has an account.",
        "login.failed": "A login failed: the password was wrong, or the address has no account.",
        "login.refused": "The password was right, but the account is disabled or its address is not verified.",
        "password.reset": "A password was reset by mail; every session ended.",
        "password.changed": "A user changed the password; every other session ended.",
        "password.change_refused": "A signed-in user entered a wrong current password.",
        "password.rehashed": "A stored hash was replaced by one with the current parameters.",
    },
)
