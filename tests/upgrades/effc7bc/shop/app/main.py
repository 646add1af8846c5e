"""The app: accounts and sign-in, the tables of `db.design.json`, and routes of your own."""

from __future__ import annotations

from fastapi import Depends
from gatewright import Gatewright, crud, require_role

from app.generated.routers import router as tables

auth = Gatewright()
app = auth.create_app(title="shop")
own = crud.Router(tags=["account"])


class Message(crud.ResponseBody):
    """Something to read."""

    message: str


@own.get("/users/admin", dependencies=[Depends(require_role("ADMIN"))])
async def read_admin_data() -> Message:
    """Something that only administrators may see."""
    return Message(message="This is admin-only data")


# Your own routes come first: /users/admin would otherwise be the user with the id "admin".
app.include_router(own, prefix=auth.settings.api_prefix)
app.include_router(tables, prefix=auth.settings.api_prefix)
