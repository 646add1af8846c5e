"""The keys that access tokens are signed with: published for others, and replaced by new ones."""

from gatewright.features.signing_keys.routes import router
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="signing_keys",
    tag=Tag("keys", "Public keys that verify access tokens."),
    router=router,
    events={
        "keys.rotated": "A new signing key was published; it signs after the JWKS cache has expired.",
        "keys.withdrawn": "All signing keys were replaced at once; tokens that they signed are refused.",
    },
)
"""`/.well-known/jwks.json` (RFC 7517, RFC 8615), and rotation."""
