from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from gatewright import Gatewright, GatewrightMiddleware, Principal


async def whoami(request: Request) -> JSONResponse:
    user: Principal | None = request.scope["user"]
    if user is None:
        return JSONResponse({"error": "Sign in first."}, status_code=401)
    return JSONResponse({"id": user.id, "role": user.role})


async def greet(socket: WebSocket) -> None:
    user: Principal | None = socket.scope["user"]
    await socket.accept()
    await socket.send_json({"hello": user.id if user else "stranger"})
    await socket.close()


routes = [Route("/whoami", whoami), WebSocketRoute("/greet", greet)]
app = GatewrightMiddleware(Starlette(routes=routes), Gatewright())
