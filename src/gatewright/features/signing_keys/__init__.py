"""The public keys that others verify access tokens with."""

from gatewright.features.signing_keys.routes import router
from gatewright.http.feature import Feature

FEATURE = Feature(name="signing_keys", router=router)
