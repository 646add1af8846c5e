"""What can be set, called, answered or recorded is in the reference, and the closed lists stay closed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatewright.core.mail.deliveries import EVENTS
from gatewright.crud import row_events
from gatewright.selection import FEATURES, Settings, select
from gatewright.settings import describe
from scripts import reference

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "gatewright"

# The HTTP contract's closed list.
CONTRACT = set(
    """
    malformed_json invalid_or_expired_token not_authenticated invalid_token invalid_credentials invalid_refresh_token
    invalid_mfa_token invalid_code insufficient_role insufficient_permission reauthentication_required
    email_not_verified account_disabled registration_closed cross_site_request not_found method_not_allowed conflict
    email_taken last_credential account_has_data precondition_failed payload_too_large unsupported_media_type
    validation_failed rate_limited internal_error overloaded unavailable
    """.split()
)
CONTRACT_ITEMS = set(
    """
    required unknown_field invalid_type invalid_email too_short too_long out_of_range invalid_characters
    invalid_format invalid_choice password_too_common password_contains_identity
    """.split()
)
# What else may be answered; each says in its docstring what for.
ADDED = {"headers_too_large", "http_error", "malformed_request"}

STATUS_OF = {
    "malformed_json": 400,
    "invalid_or_expired_token": 400,
    "not_authenticated": 401,
    "invalid_token": 401,
    "invalid_credentials": 401,
    "invalid_refresh_token": 401,
    "invalid_mfa_token": 401,
    "invalid_code": 401,
    "insufficient_role": 403,
    "insufficient_permission": 403,
    "reauthentication_required": 403,
    "email_not_verified": 403,
    "account_disabled": 403,
    "registration_closed": 403,
    "cross_site_request": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "email_taken": 409,
    "account_has_data": 409,
    "precondition_failed": 412,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "validation_failed": 422,
    "rate_limited": 429,
    "internal_error": 500,
    "overloaded": 503,
    "unavailable": 503,
}


def page(name: str) -> str:
    return (reference.PAGES / name).read_text("utf-8")


def calls_of(function: str, tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == function:
            yield node


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def test_every_setting_is_documented() -> None:
    """By its variable, in the table of settings."""
    assert [
        row.variable
        for row in describe(Settings, select().sections)
        if f"| `{row.variable}` |" not in page("settings.md")
    ] == []


def test_every_error_code_is_of_the_contract_and_documented() -> None:
    """A new code is added to the contract on purpose, never by the way."""
    codes = {kind.code for kind in reference.error_classes()}
    assert codes <= CONTRACT | ADDED
    assert [code for code in sorted(codes) if f"| `{code}` |" not in page("errors.md")] == []


def test_every_code_has_the_status_of_the_contract() -> None:
    """Also in a subclass that says it more closely."""
    found = {(kind.code, kind.status) for kind in reference.error_classes() if kind.code not in ADDED}
    assert found <= set(STATUS_OF.items())


def test_every_code_of_a_field_is_of_the_contract_and_documented() -> None:
    """What `errors` of a 422 can hold, wherever in the package it is written."""
    codes = {code for path, tree in trees() for code in item_codes(path, tree)}
    assert len(codes) > 5
    assert codes <= CONTRACT_ITEMS
    assert codes == set(reference.ITEM_CODES)


def item_codes(path: Path, tree: ast.Module) -> Iterator[str]:
    arguments = [call.args[0] for call in calls_of("PydanticCustomError", tree)]
    arguments += [call.args[1] for call in calls_of("FieldProblem", tree) if len(call.args) > 1]
    if path == PACKAGE / "http" / "problems.py":
        from gatewright.http.problems import _ITEM_CODES

        yield from _ITEM_CODES.values()
        yield "invalid_type"
    yield from (str(each.value) for each in arguments if isinstance(each, ast.Constant))


def test_every_event_that_is_recorded_is_declared_and_documented() -> None:
    """And every declared one is recorded somewhere."""
    declared = (
        {name for feature in FEATURES for name in feature.events or {}} | EVENTS.keys() | row_events.EVENTS.keys()
    )
    assert recorded_events() == declared
    assert [name for name in sorted(declared) if f"| `{name}` |" not in page("events.md")] == []


def recorded_events() -> set[str]:
    """The events whose names stand in the code: `record("user.created", …)`, or handed on to a helper that records."""
    found = set()
    for path, tree in trees():
        if {"features", "core", "crud"} & set(path.parts) and path.name != "__init__.py":
            constants = (
                node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
            )
            found |= {str(node.value) for node in constants if reference.is_event_name(str(node.value))}
    return found


def test_every_command_is_documented_with_an_example() -> None:
    """Each has help, and its help ends with an example."""
    commands = dict(reference.commands())
    assert [name for name in commands if f"## `{name}`" not in page("commands.md")] == []
    assert [name for name, command in commands.items() if not command.help] == []
    assert [name for name, command in commands.items() if "Example" not in (command.epilog or "")] == []


def test_every_route_is_documented() -> None:
    """Each operation of the OpenAPI document is on the page, and says what it does."""
    for path, operations in reference.openapi_document()["paths"].items():
        for method, operation in operations.items():
            assert f"### `{method.upper()} {path}`" in page("http.md")
            assert operation.get("description"), f"{method.upper()} {path} has no docstring"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"])
def test_the_pages_of_a_repository_are_there(name: str) -> None:
    """What people look for first."""
    assert (ROOT / name).read_text("utf-8").strip()
