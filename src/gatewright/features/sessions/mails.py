"""The mails about sessions: what a user should know who did not do it."""

from __future__ import annotations

from pathlib import Path

from gatewright.core import login_devices
from gatewright.core.login_devices import NewLogins
from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters
from gatewright.features.users import recipients

_FOLDER = Path(__file__).parent / "mail"


def _new_device(composing: Composing, parameters: Parameters) -> Letter | None:
    """To the user with `user_id`, with all logins from new devices since the last such mail."""
    user_id = parameters["user_id"]
    user = recipients.find_by_id(composing, user_id)
    if user is None:
        login_devices.forget(composing.tx, user_id)
        return None
    new = login_devices.take_new_logins(composing.tx, user_id, composing.now)
    if new is None and "time" in parameters:
        # A mail that an older version put into the outbox brings its login along.
        new = NewLogins([f"{parameters['device']}, {parameters['address']}, {parameters['time']}"], 1)
    return None if new is None else recipients.letter_to(user, **_listed(new))


def _listed(new: NewLogins) -> dict[str, str]:
    """What the template may name. `device`, `address` and `time`, of the latest, are for an app's own template."""
    device, address, time = new.listed[-1].split(", ", maxsplit=2)
    more = f"{new.count - len(new.listed)}" if new.count > len(new.listed) else ""
    return {"logins": "\n".join(new.listed), "more": more, "device": device, "address": address, "time": time}


NEW_DEVICE = Mail(
    "new-device",
    _FOLDER,
    _new_device,
    _listed(NewLogins(["Firefox on Windows, 192.0.2.1, 2026-01-31 12:00 UTC"], 1)),
)
REFRESH_TOKEN_REUSED = Mail("refresh-token-reused", _FOLDER, recipients.notice, {})
