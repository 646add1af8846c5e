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
        "user.exported": "A user fetched all that is stored about them.",
        "user.deleted": "A user deleted their account. Their other events keep identifiers, and nothing personal.",
    },
)
