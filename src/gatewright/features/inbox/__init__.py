"""The inbox page of a developer's machine: `/auth/inbox` shows the mails that `MAIL_URL=inbox:` keeps."""

from gatewright.features.inbox.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(name="inbox", router=router)
