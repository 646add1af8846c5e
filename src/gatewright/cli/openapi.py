"""`gatewright openapi`: the OpenAPI document of the app in this folder."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout

from gatewright.cli.console import say_json

# Stand-ins for what a start asks for; none of it reaches the document.
_STAND_INS = {
    "GATEWRIGHT_ENVIRONMENT": "development",
    "GATEWRIGHT_SECRET": "no secret",
    "GATEWRIGHT_DATABASE_URL": "sqlite:///unused.db",
}


def openapi() -> None:
    """Print the OpenAPI document of the app in this folder, or of the stand-alone server without an app.

    It needs no database and no secret, and reads the other settings, such as API_PREFIX.
    """
    from gatewright.cli import apps

    for name in _STAND_INS:
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(_STAND_INS)
    # What the app itself prints is no part of the document.
    with redirect_stdout(sys.stderr):
        _, app = apps.load()
        document = app.openapi()
    say_json(document)
