"""Proving that an address is one's own: when an account is made, and when its address changes."""

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
    tag=Tag("addresses", "Proving an address, and changing it."),
    router=router,
    sweeps=(remove_expired,),
    mails=(VERIFY_EMAIL, CHANGE_EMAIL, EMAIL_CHANGE_REQUESTED, EMAIL_CHANGED, EMAIL_CHANGE_UNDONE),
    events={
        "email.verified": "A user proved that the address of the account is theirs.",
        "email.disowned": "The owner of an address said that the account is not theirs: its password was removed.",
        "email.change_requested": "A user asked for another address; it counts once it is proved.",
        "email.changed": "The address of an account was changed to another that was proved.",
        "email.change_undone": "The owner of an account's former address took the change back: every session ended.",
    },
)
