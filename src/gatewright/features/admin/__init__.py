"""What administrators do with other people's accounts."""

from gatewright.http.feature import Feature

FEATURE = Feature(
    name="admin",
    requires=("sessions",),
    events={
        "user.created": "An administrator made an account.",
        "user.invited": "An administrator invited somebody by mail to make an account.",
        "user.role_changed": "An administrator gave an account another role.",
        "user.password_set": "An administrator set an account's password; its sessions ended.",
        "user.disabled": "An administrator disabled an account; its sessions ended.",
        "user.enabled": "An administrator enabled an account again.",
    },
)
