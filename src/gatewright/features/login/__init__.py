"""The one end of every way to sign in: `service.complete`."""

from gatewright.features.login.settings import LoginSettings
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="login",
    requires=("sessions",),
    settings=LoginSettings,
    tag=Tag("signing in", "Making an account, and signing in to it."),
    events={
        "login.limited": "Somebody tried to sign in too often; each worker records it once a minute, not each try.",
    },
)
