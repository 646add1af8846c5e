"""`gatewright user`: manages accounts from a shell on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatewright import roles
from gatewright.cli.console import WrongUse, example, read_password, say, say_json
from gatewright.cli.running import gatewright_with, run_service

if TYPE_CHECKING:
    from gatewright.addresses import EmailAddress
    from gatewright.app import Gatewright
    from gatewright.core.context import Context
    from gatewright.design.document import Column
    from gatewright.features.users.queries import ListedRow

app = typer.Typer(help="Create, list and change accounts.", epilog=example("gatewright user list"))

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The e-mail address of the account.", show_default=False)]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")
]


@app.command(
    epilog=example(
        "gatewright user create ada@example.com --first-name Ada --last-name Lovelace --role ADMIN",
        "pass show ada | gatewright user create ada@example.com --first-name Ada --last-name Lovelace --password-stdin",
    )
)
def create(
    email: Email,
    *,
    first_name: Annotated[
        str,
        typer.Option(help="2 to 50 characters, unless the design says otherwise.", show_default=False),
    ],
    last_name: Annotated[
        str,
        typer.Option(help="2 to 50 characters, unless the design says otherwise.", show_default=False),
    ],
    role: Annotated[str, typer.Option(help="USER, ADMIN, or a role of the settings.")] = roles.USER,
    verified: Annotated[bool, typer.Option("--verified", help="Mark the e-mail address as verified.")] = False,
    password_stdin: PasswordStdin = False,
) -> None:
    """Create an account."""
    from gatewright.features.admin import service as admin

    auth = _auth("password", role=role)
    address = _address(email)
    user = auth.design.table("User")
    names = [
        _name(option, value, user.column(name))
        for option, value, name in (("--first-name", first_name, "firstName"), ("--last-name", last_name, "lastName"))
    ]
    password = read_password(from_stdin=password_stdin)
    account = run_service(
        auth,
        lambda context: admin.create(
            context,
            email=address,
            password_text=password,
            first_name=names[0],
            last_name=names[1],
            role=role,
            verified=verified,
        ),
    )
    say(f"Created an account for {account.email} with the role {account.role}.")


@app.command(
    epilog=example("gatewright user invite ada@example.com", "gatewright user invite ada@example.com --role ADMIN")
)
def invite(
    email: Email,
    role: Annotated[str, typer.Option(help="USER, ADMIN, or a role of the settings.")] = roles.USER,
) -> None:
    """Mail a link that creates an account. It works once, for 7 days; an earlier link stops working."""
    from gatewright.features.admin import service as admin

    auth = _auth("invitations", role=role)
    address = _address(email)

    async def send(context: Context) -> None:
        await admin.invite(context, address, role)
        # Now, since this process ends; what cannot be sent now is sent by a server that runs.
        await auth.deliveries.deliver_due()

    run_service(auth, send)
    say(f"Invited {address.typed} with the role {role}.")


@app.command("list", epilog=example("gatewright user list", "gatewright user list --json"))
def list_(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array.")] = False,
) -> None:
    """List all accounts, newest first."""
    from gatewright.features.admin import service as admin

    rows = run_service(_auth(), admin.list_accounts)
    if json:
        say_json([_body(row) for row in rows])
    else:
        say(_table(rows))


@app.command("set-role", epilog=example("gatewright user set-role ada@example.com ADMIN"))
def set_role(
    email: Email,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="USER, ADMIN, or a role of the settings.")],
) -> None:
    """Change the role of an account; its tokens have the new role within a second."""
    from gatewright.features.admin import service as admin

    account = run_service(_auth(role=role), lambda context: admin.set_role(context, email, role))
    say(f"{account.email} now has the role {account.role}.")


@app.command("set-password", epilog=example("gatewright user set-password ada@example.com"))
def set_password(email: Email, password_stdin: PasswordStdin = False) -> None:
    """Set the password of an account, and end its sessions."""
    from gatewright.features.admin import service as admin

    auth = _auth("password")
    password = read_password(from_stdin=password_stdin)
    ended = run_service(auth, lambda context: admin.set_password(context, email, password))
    say(f"Set the password of {email}; ended {ended} session(s).")


@app.command(epilog=example('gatewright user disable ada@example.com --reason "left the company"'))
def disable(
    email: Email,
    reason: Annotated[str, typer.Option(help="Kept in the audit log.")] = "",
) -> None:
    """Stop an account from signing in, and end its sessions."""
    from gatewright.features.admin import service as admin

    ended = run_service(_auth(), lambda context: admin.disable(context, email, reason=reason))
    say(f"Disabled {email}; ended {ended} session(s).")


@app.command(epilog=example("gatewright user enable ada@example.com"))
def enable(email: Email) -> None:
    """Let a disabled account sign in again."""
    from gatewright.features.admin import service as admin

    run_service(_auth(), lambda context: admin.enable(context, email))
    say(f"Enabled {email}.")


def _auth(*features: str, role: str | None = None) -> Gatewright:
    from gatewright.features.admin.errors import UnknownRole

    auth = gatewright_with("admin", *features)
    # Before a password is asked for.
    if role is not None and role not in auth.settings.roles:
        raise WrongUse(UnknownRole(auth.settings.roles).detail)
    return auth


def _address(email: str) -> EmailAddress:
    from gatewright.addresses import InvalidAddress, parse_new_address

    try:
        return parse_new_address(email)
    except InvalidAddress:
        raise WrongUse(f"{email!r} is not a valid e-mail address.") from None


def _name(option: str, value: str, column: Column) -> str:
    from pydantic import TypeAdapter, ValidationError

    from gatewright.features.users.names import name_type

    try:
        return TypeAdapter[str](name_type(column)).validate_python(value)
    except ValidationError as error:
        raise WrongUse(f"{option}: {error.errors()[0]['msg']}") from None


def _body(row: ListedRow) -> dict[str, object]:
    from gatewright.features.users.schemas import Profile

    shown = Profile.model_validate(row.account).model_dump(mode="json", by_alias=True)
    return {**shown, "isDisabled": row.disabled_at is not None}


def _table(rows: list[ListedRow]) -> str:
    if not rows:
        return "There are no accounts yet. To create one, see: gatewright user create --help"
    lines = [("EMAIL", "ROLE", "NAME", "STATE"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def _cells(row: ListedRow) -> tuple[str, str, str, str]:
    name = " ".join(filter(None, (row.account.first_name, row.account.last_name)))
    return row.account.email, row.account.role, name, "disabled" if row.disabled_at else "active"
