"""Loads the app to serve: the one in the working directory, or the built-in design without one."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from gatewright.errors import GatewrightError, SetupError
from gatewright.settings.development import remember_port

if TYPE_CHECKING:
    from fastapi import FastAPI

    from gatewright.app import Gatewright
    from gatewright.selection import Settings

MAIN = Path("app/main.py")


class BrokenApp(SetupError):
    """The app's own code cannot be imported.

    Attributes:
        reason: The exception that ended it.
    """

    exit_code = 1

    def __init__(self, reason: Exception) -> None:
        self.reason = reason
        super().__init__(f"{MAIN} cannot be imported: {_describe(reason)}. {_remedy(reason)}")


def load(port: int | None = None) -> tuple[Gatewright, FastAPI]:
    """The app, and the `Gatewright` in it.

    Args:
        port: Where it will listen; decides over the public URL in development.

    Raises:
        BrokenApp: An exception of its own ended the import of `app/main.py`.
        SetupError: The settings are not valid or not safe, or `app/main.py` has no app with Gatewright.
    """
    from gatewright.app import Gatewright
    from gatewright.server import create

    if not MAIN.is_file():
        auth = Gatewright(port=port)
        if port is not None and _is_local(auth.settings):
            remember_port(auth.settings.folder, port)
        return auth, create(auth)
    if port is not None:
        _export_port(port)
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        main = importlib.import_module("app.main")
    except (GatewrightError, SetupError):
        raise
    except Exception as error:
        raise BrokenApp(error) from error
    return _with_gatewright(getattr(main, "app", None))


def _with_gatewright(app: object) -> tuple[Gatewright, FastAPI]:
    from fastapi import FastAPI

    from gatewright.app import Gatewright

    auth = getattr(app.state, "gatewright", None) if isinstance(app, FastAPI) else None
    if not isinstance(app, FastAPI) or not isinstance(auth, Gatewright):
        raise SetupError(f"{MAIN} has no variable `app` made by Gatewright. Add: app = auth.create_app()")
    return auth, app


def _export_port(port: int) -> None:
    # The app makes its Gatewright itself, and only the command knows where it listens.
    from gatewright.selection import Settings

    settings = Settings()
    if _is_local(settings):
        os.environ["GATEWRIGHT_PUBLIC_URL"] = f"http://localhost:{port}"
        # For the links in mails that other commands cause.
        remember_port(settings.folder, port)


def _is_local(settings: Settings) -> bool:
    return settings.in_development and settings.public_url is None


def _describe(error: Exception) -> str:
    # The text of other exceptions may hold data that was being processed.
    text = f" ({error.msg})" if isinstance(error, ImportError | SyntaxError) else ""
    return f"{type(error).__name__}{text}{_place(error)}"


def _remedy(error: Exception) -> str:
    if isinstance(error, ImportError) and (error.name or "").startswith("app.generated"):
        return "Run: gatewright generate"
    return "Add --debug to see the traceback."


def _place(error: Exception) -> str:
    """The last line of the app in the traceback of *error*."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename is not None:
        places.append((error.filename, error.lineno))
    for file, line in reversed(places):
        # What is installed in the app's folder has a folder of its own.
        if Path(file).is_relative_to(Path.cwd() / MAIN.parent):
            return f" in {Path(file).relative_to(Path.cwd()).as_posix()}, line {line}"
    return ""
