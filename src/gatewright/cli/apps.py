"""What is served: the app of the working directory, or that of the built-in design where there is none."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.errors import SetupError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from gatewright.app import Gatewright

MAIN = Path("app/main.py")


def load(port: int | None = None) -> tuple[Gatewright, FastAPI]:
    """The app, and the `Gatewright` in it.

    Args:
        port: Where it will listen; decides over the public URL in development.

    Raises:
        SetupError: The settings are not valid or not safe, or `app/main.py` has no app with Gatewright.
    """
    from gatewright.app import Gatewright
    from gatewright.server import create

    if not MAIN.is_file():
        auth = Gatewright(port=port)
        return auth, create(auth)
    if port is not None:
        _tell_port(port)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    return _with_gatewright(getattr(importlib.import_module("app.main"), "app", None))


def _with_gatewright(app: object) -> tuple[Gatewright, FastAPI]:
    from fastapi import FastAPI

    from gatewright.app import Gatewright

    auth = getattr(app.state, "gatewright", None) if isinstance(app, FastAPI) else None
    if not isinstance(app, FastAPI) or not isinstance(auth, Gatewright):
        raise SetupError(f"{MAIN} has no `app` with Gatewright in it. Write there: app = auth.create_app()")
    return auth, app


def _tell_port(port: int) -> None:
    # The app makes its Gatewright itself, and only the command knows where it listens.
    from gatewright.app import Settings

    settings = Settings()
    if settings.in_development and settings.public_url is None:
        os.environ["GATEWRIGHT_PUBLIC_URL"] = f"http://localhost:{port}"
