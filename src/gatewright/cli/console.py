"""What commands print and read: results on standard output, errors as one line on standard error."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Any

import typer

from gatewright.errors import GatewrightError, SetupError

DONE, REFUSED, WRONG_USE = 0, 1, 2
INTERRUPTED = 130
READER_GONE = 141
"""As a shell reports a program that the signals SIGINT or SIGPIPE ended."""


class Refused(typer.TyperException):
    """The command did nothing; the message says why and what to do."""

    exit_code = REFUSED


class WrongUse(Refused):
    """The arguments of the command are wrong."""

    exit_code = WRONG_USE


def example(*lines: str) -> str:
    """The end of a command's help."""
    heading = "Example:" if len(lines) == 1 else "Examples:"
    # Typer lays out what follows a line with \b as it stands.
    return "\n".join(["\b", heading, *(f"  {line}" for line in lines)])


def say(text: str) -> None:
    """Print a result."""
    try:
        typer.echo(text, color=_color())
    except BrokenPipeError:
        # The reader closed the pipe, as `head` does. Python would print an error about the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(READER_GONE) from None


def say_json(body: Any) -> None:
    """Print a result for programs."""
    import json

    say(json.dumps(body, indent=2, ensure_ascii=False))


def complain(text: str) -> None:
    """Print an error."""
    typer.echo(f"{typer.style('error:', fg='red')} {text}", err=True, color=_color())


def notice(text: str) -> None:
    """Print a note besides the result."""
    typer.echo(f"{typer.style('note:', fg='yellow')} {text}", err=True, color=_color())


def refusal_of(error: Exception) -> tuple[str, int]:
    """The message for *error*, and the exit status."""
    if isinstance(error, Refused):
        return error.message, error.exit_code
    if isinstance(error, typer.TyperException):
        return _usage(error), error.exit_code
    if isinstance(error, SetupError):
        return str(error), REFUSED
    if isinstance(error, GatewrightError):
        fields = [f"{problem.field.strip('/')}: {problem.message}" for problem in error.errors]
        return " ".join(fields) or error.detail, REFUSED
    # Without its text, which may hold personal data.
    return f"Unexpected error ({type(error).__name__}). Add --debug to see the traceback.", REFUSED


def read_password(*, from_stdin: bool) -> str:
    """A new password: typed twice and hidden, or all of standard input without the line break at its end.

    Raises:
        Refused: The two differ, or the password is empty.
        WrongUse: There is no terminal to ask at.
    """
    if from_stdin:
        return _password_from_stdin()
    if sys.stdin is None or not sys.stdin.isatty():
        raise WrongUse("There is no terminal to ask for the password. Pipe it in, with --password-stdin.")
    password, repeated = _asked("Password: "), _asked("Repeat the password: ")
    if password != repeated:
        raise Refused("The two passwords differ. Nothing was changed.")
    return _not_empty(password)


def confirm(question: str) -> None:
    """Ask whether to go on; without a terminal, go on.

    Raises:
        Refused: The answer is not yes.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        return
    typer.echo(f"{question} [y/N]: ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("Nothing was changed.")


def _asked(question: str) -> str:
    try:
        return getpass.getpass(question)
    except (EOFError, KeyboardInterrupt) as left:
        # The next message starts on a line of its own.
        typer.echo(err=True)
        if isinstance(left, KeyboardInterrupt):
            raise
        raise Refused("No password was entered. Nothing was changed.") from None


def _password_from_stdin() -> str:
    try:
        text = "" if sys.stdin is None else sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise Refused("The password on standard input is not UTF-8. Nothing was changed.") from None
    return _not_empty(text.removesuffix("\n").removesuffix("\r"))


def _not_empty(password: str) -> str:
    if not password:
        raise Refused("The password is empty. Nothing was changed.")
    return password


def _usage(error: typer.TyperException) -> str:
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    command = "gatewright" if context is None else context.command_path
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} Try: {command} --help"


def _color() -> bool | None:
    # None: only on a terminal (https://no-color.org).
    return False if os.environ.get("NO_COLOR") else None
