"""What Gatewright writes from db.design.json. Changes of yours belong in modules/.

Every model is here. Importing one imports them all, since they refer to each other.
"""

from __future__ import annotations

from tests.crud.sample.generated.email_verification.models import EmailVerification
from tests.crud.sample.generated.post.models import Post
from tests.crud.sample.generated.post_reaction.models import PostReaction
from tests.crud.sample.generated.refresh_token.models import RefreshToken
from tests.crud.sample.generated.session.models import Session
from tests.crud.sample.generated.user.models import User

__all__ = [
    "EmailVerification",
    "Post",
    "PostReaction",
    "RefreshToken",
    "Session",
    "User",
]
