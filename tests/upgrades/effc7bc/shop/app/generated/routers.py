# Written by "gatewright generate" from db.design.json; written again whenever the design changes.
"""The routes of all tables, as one router."""

from __future__ import annotations

from gatewright import crud

from app.modules.comment.router import router as comment_router
from app.modules.email_verification.router import router as email_verification_router
from app.modules.paper.router import router as paper_router
from app.modules.refresh_token.router import router as refresh_token_router
from app.modules.user.router import router as user_router

router = crud.Router(tags=[])
router.include_router(comment_router)
router.include_router(email_verification_router)
router.include_router(paper_router)
router.include_router(refresh_token_router)
router.include_router(user_router)
