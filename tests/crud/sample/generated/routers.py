# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""The routes of all tables, as one router."""

from __future__ import annotations

from gatewright import crud

from tests.crud.sample.modules.email_verification.router import router as email_verification_router
from tests.crud.sample.modules.post.router import router as post_router
from tests.crud.sample.modules.post_reaction.router import router as post_reaction_router
from tests.crud.sample.modules.refresh_token.router import router as refresh_token_router
from tests.crud.sample.modules.session.router import router as session_router
from tests.crud.sample.modules.user.router import router as user_router

router = crud.Router(tags=[])
router.include_router(email_verification_router)
router.include_router(post_router)
router.include_router(post_reaction_router)
router.include_router(refresh_token_router)
router.include_router(session_router)
router.include_router(user_router)
