"""Mailed tokens: the `EmailVerification` table. The flows that fill it come with the mails."""

from gatewright.features.email_verification.tables import EMAIL_VERIFICATION
from gatewright.http.feature import Feature

FEATURE = Feature(name="email_verification", tables=(EMAIL_VERIFICATION,))
