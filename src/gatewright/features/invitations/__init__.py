"""Invitations: a mailed link that makes one account, with the address that it went to and the role that it names."""

from gatewright.features.invitations.mails import INVITATION
from gatewright.http.feature import Feature

FEATURE = Feature(name="invitations", requires=("password",), mails=(INVITATION,))
