"""The command line. Each module holds the commands of one noun; what they need is imported when they run."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

import gatewright
from gatewright.cli import doctor, migrate, openapi, serve, users
from gatewright.cli.console import INTERRUPTED, REFUSED, Refused, complain, refusal_of, say
from gatewright.cli.examples import example

_HINT = "Add --debug to see where."

app = typer.Typer(
    name="gatewright",
    help="Accounts, sign-in, tokens and guarded routes.",
    epilog=example("gatewright serve --port 3000", "gatewright user create ada@example.com --role ADMIN"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command(epilog=example("gatewright serve --port 3000 --workers 4"))(serve.serve)
app.add_typer(migrate.app, name="migrate")
app.add_typer(users.app, name="user")
app.command(epilog=example("gatewright doctor"))(doctor.doctor)
app.command(epilog=example("gatewright openapi > openapi.json"))(openapi.openapi)
