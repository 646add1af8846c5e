"""Rules of the code that a type checker and a linter do not know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gatewright

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "gatewright"
MOST_LINES_OF_A_FILE = 450
MOST_LINES_OF_A_FUNCTION = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def dotted_calls(path: Path) -> Iterator[tuple[str, int]]:
    """Every call in a file by the full name of what it calls, as far as its imports tell, and its line."""
    tree = tree_of(path)
    names = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            head, dot, rest = called.partition(".")
            yield names.get(head, head) + dot + rest, node.lineno


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: `sessions` is `gatewright.features.sessions.service`."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return names


def test_nothing_but_the_end_of_a_login_starts_a_session() -> None:
    """A way to sign in that started a session by itself would forget the second factor."""
    start = "gatewright.features.sessions.service.start"
    callers = {relative(path) for path in sources() for name, _ in dotted_calls(path) if name == start}
    assert callers == {"features/login/service.py"}


def test_nothing_reaches_past_the_session_service() -> None:
    """The statement that inserts a session is the service's own."""
    users = {relative(path) for path in sources() if uses_name(path, "queries.START")}
    assert users == {"features/sessions/service.py"}


def uses_name(path: Path, name: str) -> bool:
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) == name for node in ast.walk(tree_of(path)))


CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
}


def test_only_the_clock_asks_for_the_time_of_day() -> None:
    """Everything else is handed a clock, which tests move by hand."""
    allowed = {"clock.py", "testing/clock.py"}
    asking = [
        f"{relative(path)}:{line}: {name}"
        for path in sources()
        if relative(path) not in allowed
        for name, line in dotted_calls(path)
        if name in CLOCKS
    ]
    assert asking == []


def test_nothing_prints() -> None:
    """The command line has `say` and `complain`; a library that prints mixes into somebody else's output."""
    found = [f"{relative(path)}:{line}" for path in sources() for name, line in dotted_calls(path) if name == "print"]
    assert found == []


@pytest.mark.parametrize(
    ("code", "called"),
    [
        ("from datetime import datetime\ndatetime.now()", "datetime.datetime.now"),
        ("import datetime as dt\ndt.datetime.now()", "datetime.datetime.now"),
        ("import time\ntime.time()", "time.time"),
        (
            "from gatewright.features.sessions import service as s\ns.start()",
            "gatewright.features.sessions.service.start",
        ),
        (
            "from gatewright.features.sessions.service import start\nstart()",
            "gatewright.features.sessions.service.start",
        ),
    ],
)
def test_a_call_is_recognised_however_it_was_imported(tmp_path: Path, code: str, called: str) -> None:
    """The tests above look for full names."""
    file = tmp_path / "sample.py"
    file.write_text(code)
    assert called in {name for name, _ in dotted_calls(file)}


def test_files_stay_short() -> None:
    """A file that grows past this holds more than one thing."""
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES_OF_A_FILE} == {}


def test_functions_stay_short() -> None:
    """The docstring does not count; migrations, which are written once, don't either."""
    long = {
        f"{relative(path)}: {node.name}": length
        for path in sources()
        if path.parent.name != "versions"
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := lines_of(node)) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def lines_of(node: Function) -> int:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if is_docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def test_everything_public_has_a_docstring() -> None:
    """Each public function, class and method of each module that Alembic does not own."""
    silent = [
        f"{relative(path)}: {name}"
        for path in sources()
        if path.parent.name != "versions"
        for name, node in public_parts(tree_of(path).body)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def public_parts(
    body: list[ast.stmt], owner: str = "", bases: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Documented]]:
    for node in body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or node.name.startswith("_"):
            continue
        if is_documented_elsewhere(node, owner, bases):
            continue
        yield f"{owner}{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from public_parts(node.body, f"{node.name}.", frozenset(map(ast.unparse, node.bases)))


def is_documented_elsewhere(node: Documented, owner: str, bases: frozenset[str]) -> bool:
    # An overload is documented where it is implemented; what a database does, where `Database` declares it; and what a
    # kind of value does, in `Kind`.
    decorators = {ast.unparse(each) for each in node.decorator_list}
    return "overload" in decorators or (owner.endswith("Database.") and owner != "Database.") or "Kind" in bases


def test_the_public_names_are_all_there_and_no_others() -> None:
    """`__all__`, the names that are imported when first used, and those that type checkers see, are one list."""
    homes = gatewright._HOMES
    assert set(gatewright.__all__) == {*homes, "__version__"}
    assert gatewright.__all__ == sorted(gatewright.__all__, key=sort_key)
    assert {name for name in gatewright.__all__ if not hasattr(gatewright, name)} == set()
    assert seen_by_type_checkers() == homes


def sort_key(name: str) -> tuple[bool, str]:
    # As ruff sorts `__all__`: classes before functions.
    return name[0].islower() or name.startswith("_"), name


def seen_by_type_checkers() -> dict[str, str]:
    return {
        alias.asname or alias.name: str(node.module)
        for node in ast.walk(tree_of(PACKAGE / "__init__.py"))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("gatewright.")
        for alias in node.names
    }


def test_importing_the_package_imports_no_framework() -> None:
    """The command line starts without them; each name brings what it needs when it is first used."""
    import subprocess
    import sys

    heavy = "{'fastapi', 'starlette', 'sqlalchemy', 'pydantic', 'alembic'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, gatewright; print({heavy} or 'none')"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "none"
