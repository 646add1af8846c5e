"""`/users/profile`: the account of the signed-in user."""

from __future__ import annotations

from functools import lru_cache

from gatewright.design.document import Design
from gatewright.errors import Conflict
from gatewright.features.users import service
from gatewright.features.users.names import with_names
from gatewright.features.users.own_columns import given_inputs, with_inputs, with_own
from gatewright.features.users.schemas import Profile, ProfileChange
from gatewright.http.dependencies import CurrentUser, RequestContext
from gatewright.http.routing import HotRequest, Router, takes


@lru_cache(maxsize=8)
def make_router(design: Design) -> Router:
    """The routes, with the columns that *design* adds to `User`."""
    router = Router(tags=["account"])
    shown, change = (
        with_own(Profile, design),
        with_inputs(with_names(ProfileChange, design, partial=True), design, partial=True),
    )
    names = set(ProfileChange.model_fields)

    @router.hot("GET", "/users/profile", answer=shown, bearer=True)
    async def read_profile(request: HotRequest) -> Profile:
        """Return the signed-in user."""
        user = await request.authenticate()
        return shown.model_validate(await service.find_account(request.context, user.id))

    @router.patch("/users/profile", response_model=shown, raises=[Conflict])
    @takes(change)
    async def change_profile(context: RequestContext, user: CurrentUser, body: ProfileChange) -> Profile:
        """Update the signed-in user's profile. Fields that are left out keep their value."""
        changes = {**body.model_dump(include=names, exclude_unset=True), **given_inputs(body, design)}
        return shown.model_validate(await service.change_profile(context, user, changes))

    return router
