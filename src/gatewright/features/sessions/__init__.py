"""Sessions: what a login starts, a refresh continues and a logout ends."""

from gatewright.features.sessions.mails import MAILS
from gatewright.features.sessions.queries import remove_expired
from gatewright.features.sessions.routes import router
from gatewright.features.sessions.tables import REFRESH_TOKEN
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="sessions",
    tables=(REFRESH_TOKEN,),
    router=router,
    sweeps=(remove_expired,),
    mails=MAILS,
    events={
        "session.started": "Somebody signed in, and a session began.",
        "session.ended": "A session was ended: by logging out, from the list of sessions, or by an administrator.",
        "session.all_ended": "An administrator ended every session of every account.",
        "session.refresh_token_reused": "A spent refresh token came back: the session was ended as stolen.",
    },
)
