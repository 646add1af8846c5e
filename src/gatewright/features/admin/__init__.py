"""What administrators do with other people's accounts."""

from gatewright.http.feature import Feature

FEATURE = Feature(
    name="admin",
    requires=("sessions",),
    events={
        "user.created": "An administrator created an account.",
        "user.invited": "An administrator invited an e-mail address to create an account.",
        "user.role_changed": "An administrator changed the role of an account.",
        "user.password_set": "An administrator set the password of an account; its sessions ended.",
        "user.disabled": "An administrator disabled an account; its sessions ended.",
        "user.enabled": "An administrator enabled an account again.",
    },
)
