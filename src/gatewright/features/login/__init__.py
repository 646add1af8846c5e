"""The one end of every way to sign in: `service.complete`."""

from gatewright.core import login_challenges
from gatewright.features.login.settings import LoginSettings
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="login",
    sweeps=(login_challenges.remove_expired,),
    requires=("sessions",),
    settings=LoginSettings,
    tag=Tag("signing in", "Register and sign in."),
    events={
        "login.challenged": "The first factor was right; the second factor was requested.",
        "login.second_factor_refused": "The answer to a second factor was wrong.",
        "login.limited": "A limit refused a login. Each worker records it once a minute for each limit.",
    },
)
