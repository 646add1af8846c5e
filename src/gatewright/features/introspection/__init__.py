"""Introspection (RFC 7662): other services ask whether an access token counts, and see revocation at once."""

from gatewright.features.introspection.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(name="introspection", router=router)
"""`/auth/introspect`."""
