"""The one end of every way to sign in: `service.complete`."""

from gatewright.http.feature import Feature

FEATURE = Feature(
    name="login",
    events={
        "login.limited": "Somebody tried to sign in too often; each worker records it once a minute, not each try.",
    },
)
