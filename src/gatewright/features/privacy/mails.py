"""The last mail to a user whose account was deleted."""

from __future__ import annotations

from pathlib import Path

from gatewright.core.mail.letters import Composing, Letter, Mail, Parameters


def _to_former_address(_composing: Composing, parameters: Parameters) -> Letter | None:
    """To the address that the account had: its row is gone."""
    return Letter(parameters["email"], language=parameters.get("language"))


ACCOUNT_DELETED = Mail("account-deleted", Path(__file__).parent / "mail", _to_former_address, {})
