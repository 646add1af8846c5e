"""The one end of every way to sign in: `service.complete`."""

from gatewright.http.feature import Feature

FEATURE = Feature(name="login")
