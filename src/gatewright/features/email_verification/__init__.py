"""Proving that a user owns an address: when an account is made, and when its address changes."""

from gatewright.core.tokens.mailed_tokens import remove_expired
from gatewright.features.email_verification.mails import (
    CHANGE_EMAIL,
    EMAIL_CHANGE_REQUESTED,
    EMAIL_CHANGE_UNDONE,
    EMAIL_CHANGED,
    VERIFY_EMAIL,
)
from gatewright.features.email_verification.routes import router
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="email_verification",
    requires=("login",),
    tag=Tag("addresses", "Verify and change e-mail addresses."),
    router=router,
    sweeps=(remove_expired,),
    mails=(VERIFY_EMAIL, CHANGE_EMAIL, EMAIL_CHANGE_REQUESTED, EMAIL_CHANGED, EMAIL_CHANGE_UNDONE),
    events={
        "email.verified": "A user verified the e-mail address of the account.",
        "email.disowned": "The owner of an address reported that the account is not theirs; its password was removed.",
        "email.change_requested": "A user requested a new address, which takes effect when it is verified.",
        "email.changed": "The address of an account was changed to a verified one.",
        "email.change_undone": "The owner of the previous address undid a change of address; every session ended.",
    },
)
