from fastapi import Depends, FastAPI

from gatewright import CurrentAccount, CurrentUser, Gatewright, require_role

auth = Gatewright()
app = FastAPI(lifespan=auth.lifespan)
auth.install(app)


@app.get("/reports")
async def reports(user: CurrentUser) -> dict[str, str]:
    return {"reader": user.id, "role": user.role}


@app.get("/me")
async def me(account: CurrentAccount) -> dict[str, str]:
    return {"email": account.email, "hello": f"Hello {account.first_name}"}


@app.get("/admin/stats", dependencies=[Depends(require_role("ADMIN"))])
async def stats() -> dict[str, int]:
    return {"reports": 12}
