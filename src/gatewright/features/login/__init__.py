"""The one end of every way to sign in: `service.complete`."""

from gatewright.core import login_challenges
from gatewright.features.login.settings import LoginSettings
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="login",
    sweeps=(login_challenges.remove_expired,),
    requires=("sessions",),
    settings=LoginSettings,
    tag=Tag("signing in", "Making an account, and signing in to it."),
    events={
        "login.challenged": "A first proof was right, and the account's second factor was asked for.",
        "login.second_factor_refused": "A wrong answer was given where a second factor was asked for.",
        "login.limited": "A limit refused a login. Each worker records it once a minute for each limit.",
    },
)
