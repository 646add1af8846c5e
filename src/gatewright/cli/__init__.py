"""The command line. Each module holds the commands of one noun, and imports what they need when they run."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated, Any

import typer
from typer.main import get_command

from gatewright import __version__
from gatewright.cli import (
    audit,
    design,
    design_export,
    design_import,
    dev,
    doctor,
    generate,
    init,
    keys,
    migrate,
    openapi,
    serve,
    sessions,
    users,
)
from gatewright.cli.console import DONE, INTERRUPTED, complain, example, refusal_of, say

app = typer.Typer(add_completion=False, rich_markup_mode=None)
app.command(epilog=example("gatewright serve --port 3000", "gatewright serve --host 0.0.0.0 --workers 4"))(serve.serve)
app.command(epilog=example("gatewright init myapp", "gatewright init ."))(init.init)
app.command(epilog=example("gatewright dev", "gatewright dev --port 8000"))(dev.dev)
design.app.command("import", epilog=example("gatewright design import tables.js", "gatewright design import dump.sql"))(
    design_import.import_
)
design.app.command(epilog=example("gatewright design export svg --output design.svg"))(design_export.export)
app.add_typer(design.app, name="design")
app.command(epilog=example("gatewright generate", "gatewright generate --check"))(generate.generate)
app.add_typer(migrate.app, name="migrate")
app.add_typer(users.app, name="user")
app.add_typer(sessions.app, name="sessions")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.command(epilog=example("gatewright doctor", "gatewright doctor https://auth.example.com"))(doctor.doctor)
app.command(epilog=example("gatewright openapi > openapi.json"))(openapi.openapi)


@app.callback(invoke_without_command=True, epilog=example("gatewright serve --port 3000", "gatewright serve --help"))
def gatewright(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of an error; works with every command.")
    ] = False,
) -> None:
    """Authentication for Python: accounts, sign-in, tokens and guarded routes."""
    if version:
        say(f"gatewright {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help())


def main() -> None:
    """Run the command of the shell, and exit with its status."""
    arguments = sys.argv[1:]
    # Removed here, so that --debug is accepted after the command as well.
    sys.exit(_run([each for each in arguments if each != "--debug"], debug="--debug" in arguments))


def _command() -> Any:
    command = get_command(app)
    _list_whole(command)
    return command


def _list_whole(group: Any) -> None:
    """Show the first paragraph of each command's help whole in lists, not only what fits on a line."""
    for command in getattr(group, "commands", {}).values():
        command.short_help = " ".join((command.help or "").partition("\n\n")[0].split())
        _list_whole(command)


def _run(arguments: list[str], *, debug: bool) -> int:
    try:
        status = _command()(arguments, prog_name="gatewright", standalone_mode=False, obj=debug)
    except Exception as error:
        if debug:
            traceback.print_exception(error)
        message, status = refusal_of(error)
        complain(message)
    if status == INTERRUPTED:
        complain("Interrupted.")
    return status if isinstance(status, int) else DONE
