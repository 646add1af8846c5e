"""Proving again who one is, within a session: what calls with a recent proof ask for."""

from gatewright.features.reauthentication.mails import REAUTHENTICATION_CODE
from gatewright.features.reauthentication.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="reauthentication",
    requires=("login",),
    router=router,
    mails=(REAUTHENTICATION_CODE,),
    events={
        "session.reauthenticated": "A user who is signed in proved again who they are.",
        "session.reauthentication_refused": "Somebody who is signed in gave a wrong password or code.",
        "session.code_requested": "A user who has no password asked for a mailed code.",
    },
)
