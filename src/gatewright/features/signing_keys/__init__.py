"""The keys that access tokens are signed with: published for others, and replaced by new ones."""

from gatewright.features.signing_keys.routes import router
from gatewright.http.feature import Feature, Tag

FEATURE = Feature(
    name="signing_keys",
    tag=Tag("keys", "What others verify access tokens with."),
    router=router,
    events={
        "keys.rotated": "A new signing key was published; it signs once everybody can know it.",
        "keys.withdrawn": "A new signing key took the place of all others at once, whose tokens count no more.",
    },
)
"""`/.well-known/jwks.json` (RFC 7517, RFC 8615), and rotation."""
