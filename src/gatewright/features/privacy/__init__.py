"""Privacy rights: a copy of everything that is stored about a user, and its deletion with the account."""

from gatewright.features.privacy.mails import ACCOUNT_DELETED
from gatewright.features.privacy.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(
    name="privacy",
    requires=("sessions",),
    router=router,
    mails=(ACCOUNT_DELETED,),
    events={
        "user.exported": "A user exported all data about them.",
        "user.deleted": "A user deleted their account. Earlier events keep identifiers and no personal data.",
    },
)
