"""`gatewright openapi`: the stand-alone server's document."""

from __future__ import annotations

from gatewright.cli.console import say_json


def openapi() -> None:
    """Print the OpenAPI document of the server.

    Needs no database and no secret; reads your other settings, such as API_PREFIX.
    """
    from gatewright.app import Gatewright, Settings
    from gatewright.server import create

    # A stand-in for what a start asks for; none of it reaches the document.
    settings = Settings(environment="development", secret="no secret", database_url="sqlite:///unused.db")  # noqa: S106
    say_json(create(Gatewright(settings)).openapi())
