"""What the law gives people: a copy of all that is stored about them, and that it goes when they do."""

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
