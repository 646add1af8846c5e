"""Sessions: what a login starts, a refresh continues and a logout ends."""

from gatewright.features.sessions.mails import NEW_DEVICE, REFRESH_TOKEN_REUSED
from gatewright.features.sessions.queries import remove_expired
from gatewright.features.sessions.routes import router
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="sessions",
    requires=("users",),
    tag=Tag("sessions", "Refresh, list and end sessions."),
    router=router,
    sweeps=(remove_expired,),
    mails=(NEW_DEVICE, REFRESH_TOKEN_REUSED),
    events={
        "session.started": "A user signed in; a session started.",
        "session.ended": "A session was ended: by logging out, from the list of sessions, or by an administrator.",
        "session.all_ended": "An administrator ended every session of every account.",
        "session.refresh_token_reused": "A used refresh token was sent again; the session was ended as stolen.",
    },
)
