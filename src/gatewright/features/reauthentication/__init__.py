"""Reauthentication: proving an identity again within a session, for calls that ask for a recent proof."""

from gatewright.features.reauthentication.mails import REAUTHENTICATION_CODE
from gatewright.features.reauthentication.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="reauthentication",
    requires=("login",),
    router=router,
    mails=(REAUTHENTICATION_CODE,),
    events={
        "session.reauthenticated": "A signed-in user proved their identity again.",
        "session.reauthentication_refused": "A signed-in user gave a wrong password or code.",
        "session.code_requested": "A user without a password requested a code by mail.",
    },
)
