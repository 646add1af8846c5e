"""Gatewright in and around apps of several kinds, each behind a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from gatewright import CurrentUser, Gatewright, GatewrightMiddleware
from tests.conftest import SECRET, make_settings
from tests.live import free_port
from tests.serving import served

ADA = {"email": "ada@example.com", "password": "a longer passphrase", "firstName": "Ada", "lastName": "Lovelace"}
PACKAGES = ["django==5.2.19", "litestar==2.25.0", "asgiref==3.13.0"]

_SETTINGS = {
    "GATEWRIGHT_ENVIRONMENT": "development",
    "GATEWRIGHT_SECRET": SECRET,
    "GATEWRIGHT_ARGON2__MEMORY_KIB": "7168",
    "GATEWRIGHT_ARGON2__ITERATIONS": "1",
}

DJANGO = """
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

from asgiref.wsgi import WsgiToAsgi
from gatewright import Gatewright, GatewrightMiddleware


def whoami(request):
    user = getattr(request, "scope", {}).get("user")
    return JsonResponse({"role": user.role if user else None})


settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="of Django", ALLOWED_HOSTS=["*"])
urlpatterns = [path("whoami", whoami)]
asgi = GatewrightMiddleware(get_asgi_application(), Gatewright())
wsgi = GatewrightMiddleware(WsgiToAsgi(get_wsgi_application()), Gatewright())
"""

LITESTAR = """
from litestar import Litestar, Request, get

from gatewright import Gatewright, GatewrightMiddleware


@get("/whoami")
async def whoami(request: Request) -> dict[str, str | None]:
    user = request.scope["user"]
    return {"role": user.role if user else None}


async def open_shop() -> None:
    print("the shop opens", flush=True)


async def close_shop() -> None:
    print("the shop closes", flush=True)


async def fail() -> None:
    raise OSError("no disk")


app = GatewrightMiddleware(
    Litestar([whoami], on_startup=[open_shop], on_shutdown=[close_shop]), Gatewright()
)
failing = GatewrightMiddleware(Litestar([whoami], on_startup=[fail]), Gatewright())
"""


def check_promises(client: httpx2.Client, whoami: str, *, sees_user: bool = True) -> None:
    """Gatewright's calls, and a route of the app's own that says who asks."""
    registered = client.post("/auth/register", json={**ADA, "email": f"{os.urandom(6).hex()}@example.com"})
    assert registered.status_code == 201, registered.text
    headers = {"Authorization": f"Bearer {registered.json()['accessToken']}"}
    assert client.get("/users/profile", headers=headers).json()["firstName"] == "Ada"
    assert client.get("/.well-known/jwks.json").json()["keys"]

    known = client.get(whoami, headers=headers)
    assert known.json() == {"role": "USER" if sees_user else None}
    assert known.headers["x-request-id"]
    refused = client.get(whoami, headers={"Authorization": "Bearer damaged"})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token")
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_plain_asgi_app(sqlite_template_copy: Path) -> None:
    """Without a framework and without a lifespan, served twice."""

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        role = scope["user"].role if scope["user"] else None
        body = b'{"role": "%s"}' % role.encode() if role else b'{"role": null}'
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}"))
    app = GatewrightMiddleware(plain, auth)
    for _ in range(2):
        with served(app) as client:
            check_promises(client, "/whoami")
            assert client.get("/whoami").json() == {"role": None}


def test_a_fastapi_app_in_a_fastapi_app(sqlite_template_copy: Path) -> None:
    """Its guard answers like one of the host's."""
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}"))
    v1 = FastAPI()

    @v1.get("/whoami")
    async def whoami(user: CurrentUser) -> dict[str, str]:
        return {"role": user.role}

    app = FastAPI(lifespan=auth.lifespan)
    auth.install(app)
    app.mount("/v1", v1)
    with served(app) as client:
        check_promises(client, "/v1/whoami")
        anonymous = client.get("/v1/whoami")
        assert (anonymous.status_code, anonymous.json()["code"]) == (401, "not_authenticated")


@pytest.fixture(scope="module")
def frameworks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the frameworks, which this project does not require."""
    folder = tmp_path_factory.mktemp("frameworks")
    target = ["--target", str(folder), "--python", sys.executable]
    subprocess.run([sys.executable, "-m", "uv", "pip", "install", "--quiet", *target, *PACKAGES], check=True)
    return folder


Serve = Callable[..., Any]


@pytest.fixture
def serve(frameworks: Path, sqlite_template_copy: Path, tmp_path: Path) -> Serve:
    """Starts uvicorn, as a user would, with an app that is written to a file."""
    environment = {**os.environ, **_SETTINGS, "DATABASE_URL": f"sqlite:///{sqlite_template_copy}"}
    # Last, so that what the frameworks bring shadows nothing of this environment.
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.path.append({str(frameworks)!r})\n")
    environment["PYTHONPATH"] = str(tmp_path)

    def start(text: str, name: str, port: int) -> subprocess.Popen[str]:
        (tmp_path / "hosted.py").write_text(text)
        command = [sys.executable, "-m", "uvicorn", f"hosted:{name}", "--port", str(port)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, text=True, stdout=pipe, stderr=subprocess.STDOUT
        )

    return start


def until_ready(process: subprocess.Popen[str]) -> str:
    """What the server prints until it serves."""
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if "Uvicorn running on" in line:
            return output
    raise AssertionError(output)


@pytest.mark.extra
@pytest.mark.xdist_group("frameworks")
@pytest.mark.parametrize(
    ("text", "name", "sees_user"),
    [(DJANGO, "asgi", True), (DJANGO, "wsgi", False), (LITESTAR, "app", True)],
    ids=["django", "django-wsgi", "litestar"],
)
def test_a_framework_that_is_wrapped(serve: Serve, text: str, name: str, sees_user: bool) -> None:
    """Gatewright's calls and the framework's own are answered, and both are stopped in order."""
    port = free_port()
    process = serve(text, name, port)
    try:
        output = until_ready(process)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            check_promises(client, "/whoami", sees_user=sees_user)
            assert client.get("/whoami").json() == {"role": None}
            assert client.get("/nowhere").status_code == 404
    finally:
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    assert "Application shutdown complete" in rest
    assert "Traceback" not in output + rest
    if text is LITESTAR:
        assert "the shop opens" in output
        assert "the shop closes" in rest


@pytest.mark.extra
@pytest.mark.xdist_group("frameworks")
def test_a_framework_whose_start_fails_stops_the_server(serve: Serve) -> None:
    """The server ends with the framework's own message, and never listens."""
    process = serve(LITESTAR, "failing", free_port())
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 3, output
    assert "no disk" in output
    assert "Application startup failed" in output
