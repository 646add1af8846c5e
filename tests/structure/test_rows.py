"""What the core and the features read from the database has types: rows are dataclasses, not mappings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.test_code import PACKAGE, relative, tree_of

MAPS_COLUMNS_OF_DESIGNS = {
    "features/users/account.py": "An account has the columns that a design adds to User.",
    "features/privacy/export.py": "Pages of an app's own tables, whose columns only their design knows.",
}
"""The files that may name `Row`, the mapping."""

MAPPINGS: dict[str, set[str]] = {
    # Keys and tokens in JSON (RFC 7517, RFC 7519).
    "core/keys/configured_keys.py": {"members"},
    "core/keys/public_keys.py": {"document", "jwk"},
    "core/keys/ring.py": {"members"},
    "core/tokens/access_tokens.py": {"self._fixed_claims"},
    "features/signing_keys/routes.py": {"context.access_tokens.keyring.jwks()"},
    # Headers and parameters of HTTP, and forms.
    "core/tokens/verifier.py": {"headers"},
    "features/account_pages/routes.py": {"form"},
    "features/inbox/routes.py": {"request.query_params"},
    "features/introspection/routes.py": {"(await read_form(request))"},
    "features/password/token_form.py": {"form"},
    # What the outbox holds, as JSON: the parameters of a mail, and the letter that was composed.
    "core/mail/deliveries.py": {"content", "values"},
    "core/mail/outbox.py": {"kept", "kept.get('letter', {})", "kept.get('parameters', {})"},
    "features/email_verification/mails.py": {"parameters"},
    "features/invitations/mails.py": {"parameters"},
    "features/login/recovery.py": {"parameters"},
    "features/password/mails.py": {"parameters"},
    "features/privacy/mails.py": {"parameters"},
    "features/sessions/mails.py": {"parameters"},
    "features/users/recipients.py": {"parameters"},
    # Headers of a mail, and what links and URLs of mail servers say.
    "core/mail/inbox.py": {"message"},
    "core/mail/links.py": {"parse_qs(urlsplit(link).query)"},
    "core/mail/transport.py": {"message", "options"},
    # Groups of a regular expression.
    "core/passwords/foreign_hashes.py": {"found"},
    "core/passwords/hasher.py": {"found", "match"},
    # Values that are written, not read.
    "features/users/queries.py": {"values"},
}
"""By file, the mappings that a constant may be looked up in: none of them is a row."""

EVERYWHERE = {"Literal", "router", "schema", "db.schema", "tx.schema", "context.db.schema", "self._db.schema"}
"""`schema["User"]` is a table, and `router.get("/path")` a route."""


def files() -> Iterator[Path]:
    for package in ("core", "features"):
        yield from sorted((PACKAGE / package).rglob("*.py"))


def looked_up(tree: ast.Module) -> Iterator[str]:
    """What a constant text is looked up in, by a subscript or by a call with the text as its first argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_text(node.slice):
            yield ast.unparse(node.value)
        elif isinstance(node, ast.Call) and _name_of(node.func) == ".get" and any(map(_is_text, node.args[:1])):
            yield ast.unparse(node.func).removesuffix(".get")


def untyped_fetches(tree: ast.Module) -> Iterator[str]:
    """What gives a row, or several, and does not say of which class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("mappings", "_mapping", "fetchone", "fetchall"):
            yield ast.unparse(node)
        # `all` alone is Python's.
        if isinstance(node, ast.Call) and _name_of(node.func) in (".one", ".all", "HotStatement"):
            classes = {_name_of(each) for each in [*node.args[1:], *(each.value for each in node.keywords)]}
            if not any(name and name.strip("._")[:1].isupper() and name != "Row" for name in classes):
                yield ast.unparse(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    return node.id if isinstance(node, ast.Name) else None


def names_row(tree: ast.Module) -> bool:
    return any(
        alias.name == "Row" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    )


def test_columns_are_attributes() -> None:
    """No constant is looked up in a row: in what it is looked up instead is listed above, file by file."""
    found = {
        relative(path): others
        for path in files()
        if (others := set(looked_up(tree_of(path))) - MAPPINGS.get(relative(path), set()) - EVERYWHERE)
    }
    assert not found, f"Is that a row? Make it a dataclass (storage/rows.py): {found}"


def test_statements_say_the_class_of_their_rows() -> None:
    """`tx.one`, `tx.all` and hot statements get a dataclass, so that no row is a mapping under whatever name."""
    trees = {relative(path): tree_of(path) for path in files() if relative(path) not in MAPS_COLUMNS_OF_DESIGNS}
    assert [name for name, tree in trees.items() if names_row(tree)] == []
    assert {name: found for name, tree in trees.items() if (found := list(untyped_fetches(tree)))} == {}


def test_what_is_listed_is_there() -> None:
    """An exception that nothing needs any more would hide the next row that is a mapping."""
    found = {relative(path): set(looked_up(tree_of(path))) for path in files()}
    assert {name: unused for name, listed in MAPPINGS.items() if (unused := listed - found.get(name, set()))} == {}
    assert {name for name in MAPS_COLUMNS_OF_DESIGNS if not names_row(tree_of(PACKAGE / name))} == set()


@pytest.mark.parametrize(
    ("code", "is_seen"),
    [
        ('x = row["email"]', True),
        ('x = (await find())["email"]', True),
        ('x = row.get("email")', True),
        ("x = row.email", False),
        ("x = rows[0]", False),
    ],
)
def test_look_ups_are_seen(code: str, is_seen: bool) -> None:
    """Whatever the mapping is called, and where it comes from."""
    assert bool(list(looked_up(ast.parse(code)))) is is_seen


@pytest.mark.parametrize(
    ("code", "is_seen"),
    [
        ("x = tx.one(select(a))", True),
        ("x = tx.all(select(a), Row)", True),
        ("x = transaction.all(select(a))", True),
        ("x = tx.connection.execute(select(a)).mappings()", True),
        ('x = HotStatement("name", build, Row)', True),
        ("x = tx.one(select(a), UserRow)", False),
        ('x = HotStatement("name", build, _TakenRow, shares_commits=True)', False),
    ],
)
def test_untyped_fetches_are_seen(code: str, is_seen: bool) -> None:
    """Whatever the transaction is called."""
    assert bool(list(untyped_fetches(ast.parse(code)))) is is_seen
