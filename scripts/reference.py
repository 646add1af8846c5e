"""Writes docs/reference from the code, so that the two cannot differ.

python scripts/reference.py           writes the pages
python scripts/reference.py --check   says which pages are stale, and writes nothing; exit status 1 if there are any
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gatewright
from gatewright.errors import GatewrightError

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "gatewright"
PAGES = ROOT / "docs" / "reference"

_MADE = "<!-- Made by `make docs` from the code. Change it there. -->"
_METHODS = ("get", "post", "put", "patch", "delete")

ITEM_CODES = {
    "invalid_characters": "Contains characters that cannot be typed, such as control characters.",
    "invalid_choice": "Is none of the values that the field takes.",
    "invalid_email": "Is not an e-mail address.",
    "invalid_format": "Is not written as the field asks.",
    "invalid_type": "Is of another JSON type.",
    "out_of_range": "Is too small or too large a number.",
    "password_contains_identity": "Is little more than the user's own name or address, or the name of the service.",
    "password_too_common": "Is one of the most common passwords, or known from a leak.",
    "required": "Is missing.",
    "too_long": "Has too many characters.",
    "too_short": "Has too few characters.",
    "unknown_field": "Is not a field of this call.",
}
"""What each code of an item in a 422's `errors` says about the field."""

STATUSES = ((0, "Done."), (1, "Failure, or a check found a problem."), (2, "Wrong use."))


def settings_page() -> Iterator[str]:
    """Every setting."""
    from gatewright.selection import Settings, select
    from gatewright.settings import Row, describe

    yield from _head("Settings", "[Settings and secrets](../how-to/settings-and-secrets.md) says where they are set.")
    yield "A secret's variable also works with `_FILE` behind it, and then names a file with the value."
    sections: dict[str, list[Row]] = {}
    for row in describe(Settings, select().sections):
        sections.setdefault(row.section, []).append(row)
    for section, rows in sections.items():
        yield f"## {f'`[{section}]`' if section else 'Top level'}"
        cells = (
            (f"`{row.variable}`", row.type, f"`{row.default}`" if row.default else "", row.description) for row in rows
        )
        yield _table(("variable", "type", "default", "what it does"), cells)


def errors_page() -> Iterator[str]:
    """Every error code."""
    yield from _head("Errors", "What a refused call answers with, as `application/problem+json` (RFC 9457).")
    yield (
        "Programs should look at `code`; `title` and `detail` are for people and may change. `requestId` is in the "
        "log too. `/auth/token` refuses in the shape of RFC 6749 section 5.2 instead."
    )
    by_code: dict[str, list[type[GatewrightError]]] = {}
    for kind in sorted(error_classes(), key=lambda kind: (kind.status, kind.code, kind.__module__)):
        by_code.setdefault(kind.code, []).append(kind)
    yield _table(
        ("status", "code", "title", "when"),
        ((_status(kinds[0]), f"`{code}`", _titles(kinds), _reasons(kinds)) for code, kinds in by_code.items()),
    )
    yield "## Codes of a field"
    yield "A 422 `validation_failed` names the fields at fault in `errors`, each with a JSON pointer and one of these:"
    yield _table(("code", "the value"), ((f"`{code}`", text) for code, text in ITEM_CODES.items()))


def events_page() -> Iterator[str]:
    """Every audit event."""
    from gatewright.core.mail.deliveries import EVENTS
    from gatewright.crud import row_events
    from gatewright.selection import FEATURES

    yield from _head("Audit events", "What the table `gatewright_audit_events` records, one row each.")
    yield (
        "Each row says when (`occurred_at`), what (`event`, `outcome`), who (`actor_id`), whom (`subject_id`), in "
        "which session, from where (`ip_address`, `user_agent`) and in which request (`request_id`)."
    )
    declared = [(feature.name, feature.events) for feature in FEATURES] + [
        ("mail", EVENTS),
        ("crud", row_events.EVENTS),
    ]
    cells = ((f"`{name}`", sentence, f"`{owner}`") for owner, events in declared for name, sentence in events.items())
    yield _table(("event", "what happened", "feature"), cells)


def http_page() -> Iterator[str]:
    """Every call of the stand-alone server."""
    document = openapi_document()
    schemas = document["components"]["schemas"]
    yield from _head(
        "HTTP calls", "The calls of the server. The same is in the OpenAPI document: `gatewright openapi`."
    )
    yield (
        "Bodies are JSON in camelCase; a field that a call does not name is refused. Times are in UTC. Every answer "
        "has `X-Request-Id`. Below, an arrow stands between what is sent and what comes back; what a refusal looks "
        "like is in [Errors](errors.md). Every call may also answer 413, 500 and 503. In an app of your own all of "
        "them are there but `/health/…` and `/users/admin`. `/openapi.json` and `/docs`, in development or where the "
        "settings ask for them, are the document and a page to try it."
    )
    by_tag: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                tag = (operations[method].get("tags") or ["others"])[0]
                by_tag.setdefault(tag, []).append(_operation(method, path, operations[method]))
    for tag, entries in by_tag.items():
        yield f"## {tag[0].upper()}{tag[1:]}"
        yield from entries
    yield "## Shapes"
    for name in sorted(schemas):
        yield f"### {name}"
        yield from _schema(schemas[name])


def commands_page() -> Iterator[str]:
    """Every command."""
    yield from _head("Commands", "What `gatewright` does in a shell. Each has `--help`.")
    yield _table(("exit status", "means"), ((str(status), text) for status, text in STATUSES))
    yield "`--debug`, with any command, shows where an error comes from."
    for name, command in commands():
        yield f"## `{name}`"
        yield inspect.cleandoc(command.help or "")
        yield from _examples(command.epilog or "")
        if rows := [_parameter(each) for each in command.params if not each.hidden and each.name != "help"]:
            yield _table(("", "", "default"), rows)


def python_page() -> Iterator[str]:
    """Every public name of the package, and the pytest plugin's fixtures."""
    yield from _head("Python names", "What `from gatewright import …` gives. Names are imported when first used.")
    for name in gatewright.__all__:
        if not name.startswith("__"):
            yield f"## `{name}`"
            yield from _python_name(name)
    yield "## pytest fixtures"
    yield "pytest finds them where `gatewright[testing]` is installed; [Test your app](../how-to/test-your-app.md)."
    yield _table(("fixture", "is"), ((f"`{name}`", text) for name, text in fixtures()))


def design_page() -> Iterator[str]:
    """Every key of the design document, and every value that it can have."""
    from gatewright.design.checks import columns as checks
    from gatewright.design.document import ColumnType, Design, OnDelete
    from gatewright.design.kinds import keys_of, parts_within
    from gatewright.design.values import FUNCTION_TYPES

    yield from _head("Design", "What `db.design.json` can say. [Design tables](../how-to/design-tables.md) shows it.")
    yield (
        "A key that is not listed here is refused, with the place where it stands. Flags are `true` or `false`; what "
        "is left out is `false`."
    )
    objects = {"Document": Design} | {part.__name__: part for part in parts_within(Design)}
    for name, made_of in objects.items():
        fitting = checks._FITTING_TYPES if name == "Column" else {}
        yield f"## {name}"
        yield _keys_table(keys_of(made_of), fitting)
    yield "## Types"
    yield ", ".join(f"`{each}`" for each in ColumnType) + "."
    yield "## Defaults that are worked out"
    yield _table(
        ("defaultValue", "for columns of type"),
        ((f"`{function}`", ", ".join(types)) for function, types in FUNCTION_TYPES.items()),
    )
    yield 'Any other default is a literal, as JSON or as a text: `false` and `"false"` are the same for a Boolean.'
    yield "## Actions"
    yield ", ".join(f"`{each}`" for each in OnDelete) + "."
    yield "## Rules"
    yield "A call takes one rule or a list of them, of which any one lets in. ADMIN may always."
    yield _table(("rule", "lets in"), ((f"`{rule}`", text) for rule, text in RULES.items()))


RULES = {
    "none": "Only ADMIN; the same as no rule.",
    "public": "Every client, signed in or not.",
    "authenticated": "Every signed-in user.",
    "owner": "The owner of the row, by `ownerColumn`; a list contains only the caller's rows.",
    "role:NAME": "Users with that role.",
    "permission:NAME": "Users whose role has that permission, by `[roles.NAME] permissions` in the settings.",
}
"""Whom each access rule of a design lets in."""


Page = Callable[[], Iterable[str]]

ALL: Mapping[str, Page] = {
    "settings.md": settings_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "http.md": http_page,
    "commands.md": commands_page,
    "design.md": design_page,
    "python.md": python_page,
}


def render(page: Page) -> str:
    """The text of a page: its parts, with an empty line between them."""
    return "\n\n".join(part.strip("\n") for part in page()) + "\n"


def error_classes() -> set[type[GatewrightError]]:
    """Every error with a code that the package defines."""
    for module in modules():
        importlib.import_module(module)
    found: set[type[GatewrightError]] = set()
    left = GatewrightError.__subclasses__()
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        if kind.__module__.startswith("gatewright."):
            found.add(kind)
    return found


def modules() -> Iterator[str]:
    """The names of the package's modules, but for Alembic's revisions, which only Alembic can import."""
    for found in pkgutil.walk_packages(gatewright.__path__, "gatewright."):
        if ".versions" not in found.name:
            yield found.name


def openapi_document() -> dict[str, Any]:
    """The stand-alone server's OpenAPI document, for the default settings."""
    from gatewright.app import Gatewright
    from gatewright.selection import Settings
    from gatewright.server import create

    stand_ins: dict[str, Any] = {
        "environment": "development",
        "secret": "nothing is signed with this",
        "database_url": "sqlite:///unused.db",
        "api_prefix": "",
    }
    return create(Gatewright(Settings(**stand_ins))).openapi()


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    from typer.main import get_command

    from gatewright.cli import app

    yield from _walk("gatewright", get_command(app))


def is_event_name(text: str) -> bool:
    """Whether *text* is written as the names of audit events are: `user.created`."""
    return re.fullmatch(r"(user|session|login|password|email|mail|keys|row)\.[a-z_]+", text) is not None


def fixtures() -> Iterator[tuple[str, str]]:
    """The pytest plugin's fixtures, each with its sentence."""
    for node in ast.parse((PACKAGE / "testing" / "plugin.py").read_text()).body:
        if isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(each) for each in node.decorator_list):
            yield node.name, _first_sentence(ast.get_docstring(node) or "")


def _head(title: str, text: str) -> Iterator[str]:
    yield f"# {title}"
    yield _MADE
    yield text


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _kind(key: Any) -> str:
    """What the value of a key of the design is."""
    return _kind_in_words(key.kind) + (", needed" if key.required else "")


def _kind_in_words(kind: Any) -> str:
    from gatewright.design import kinds, rules
    from gatewright.design.document import ColumnType, OnDelete

    if isinstance(kind, kinds.ListOf):
        item = _kind_in_words(kind.item)
        return f"list of {item}" if item.startswith("[") else f"list of {item}s"
    if isinstance(kind, kinds.Part):
        name = kind.made_of.__name__
        link = f"[{name}](#{name.lower()})"
        return f"name of a {kind.short}, or {link}" if kind.short else link
    if isinstance(kind, kinds.Choice):
        linked: dict[object, str] = {ColumnType: "[type](#types)", OnDelete: "[action](#actions)"}
        return linked.get(kind.values, "text")
    if isinstance(kind, rules.Rules):
        return "[rule](#rules), or list of rules"
    if isinstance(kind, kinds.Pattern):
        return kind.what
    others: dict[object, str] = {
        kinds.Count: "whole number",
        kinds.Constant: "`1`",
        kinds.Value: "text, number, flag or JSON",
    }
    return others.get(type(kind), type(kind).__name__.lower())


def _keys_table(keys: Iterable[Any], fitting: Mapping[str, Sequence[str]]) -> str:
    rows = [(f"`{key.name}`", _kind(key), _key_description(key, fitting)) for key in keys if not key.engine_only]
    return _table(("key", "value", "what it says"), rows)


def _key_description(key: Any, fitting: Mapping[str, Sequence[str]]) -> str:
    from gatewright.design.document import ColumnType

    types = fitting.get(key.name, ())
    if not types:
        return str(key.description)
    others = [each for each in ColumnType if each not in types]
    limit = f"For {', '.join(types)}." if len(types) <= len(others) else f"Not for {', '.join(others)}."
    return f"{key.description} {limit}"


def _status(kind: type[GatewrightError]) -> str:
    # The one error without a status of its own stands for whatever an app raises by itself.
    return "any" if kind.__name__ == "_HttpError" else str(kind.status)


def _titles(kinds: Sequence[type[GatewrightError]]) -> str:
    return " / ".join(dict.fromkeys(kind.title for kind in kinds))


def _reasons(kinds: Sequence[type[GatewrightError]]) -> str:
    return " ".join(dict.fromkeys(_first_paragraph(inspect.getdoc(kind) or "") for kind in kinds))


def _first_paragraph(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=\.) ", _first_paragraph(text))[0]


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    bearer = " With an access token." if any("gatewright" in each for each in operation.get("security", ())) else ""
    answers = [_answer(status, each) for status, each in sorted(operation["responses"].items()) if status < "400"]
    refusals = sorted(set(re.findall(r"`(\w+)`:", " ".join(_refusals(operation)))))
    lines = [
        f"### `{method.upper()} {path}`",
        f"{operation.get('description') or operation['summary']}{bearer}",
        f"{_body(operation)} → {', '.join(answers)}",
    ]
    if refusals:
        lines.append("Refused with " + ", ".join(f"`{code}`" for code in refusals) + ".")
    return "\n\n".join(lines)


def _refusals(operation: Mapping[str, Any]) -> Iterator[str]:
    of_every_call = ("413", "500")
    for status, response in operation["responses"].items():
        if status >= "400" and status not in of_every_call:
            yield response["description"].replace("`unavailable`:", "")


def _body(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return "no body"
    media_type, described = next(iter(content.items()))
    shape = _type(described["schema"])
    return shape if media_type == "application/json" else f"{shape} as `{media_type}`"


def _answer(status: str, response: Mapping[str, Any]) -> str:
    content = response.get("content", {})
    shape = next((_type(each["schema"]) for each in content.values() if each.get("schema")), "")
    return f"{status} {shape}".strip()


def _schema(schema: Mapping[str, Any]) -> Iterator[str]:
    if text := schema.get("description"):
        yield text
    required = schema.get("required", ())
    yield _table(
        ("field", "type", "", ""),
        (
            (f"`{name}`", _type(field), "" if name in required else "may be missing", _constraints(field))
            for name, field in schema.get("properties", {}).items()
        ),
    )


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(_type(each) for each in schema[word])
    if choices := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return " or ".join(f"`{each}`" for each in choices)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "properties" in schema:
        return "{" + ", ".join(schema["properties"]) + "}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _constraints(field: Mapping[str, Any]) -> str:
    if "description" in field:
        return str(field["description"])
    return " ".join(f"{words} {field[key]} characters." for key, words in _LENGTHS.items() if key in field)


_LENGTHS = {"minLength": "At least", "maxLength": "At most"}


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        yield name, command
        return
    for each, subcommand in subcommands.items():
        yield from _walk(f"{name} {each}", subcommand)


def _examples(epilog: str) -> Iterator[str]:
    heading, _, lines = epilog.removeprefix("\b\n").partition("\n")
    if lines:
        yield f"{heading} " + " · ".join(f"`{line.strip()}`" for line in lines.splitlines())


def _parameter(parameter: Any) -> tuple[str, str, str]:
    shown = (
        parameter.metavar or parameter.name.upper() if parameter.param_type_name == "argument" else parameter.opts[0]
    )
    default = parameter.default
    needed = "needed" if parameter.required else ""
    is_default_worth_words = default not in (None, False, "", ...) and not callable(default)
    return f"`{shown}`", parameter.help or "", f"`{default}`" if is_default_worth_words else needed


def _python_name(name: str) -> Iterator[str]:
    module = importlib.import_module(gatewright._HOMES[name])
    source = Path(str(module.__file__)).read_text()
    nodes = ast.parse(source).body
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        if isinstance(node, ast.ClassDef) and node.name == name:
            yield from _constructor(node)
            yield from _docstring(ast.get_docstring(node))
            yield from _members(node)
        elif isinstance(node, ast.FunctionDef) and node.name == name:
            yield f"`{_signature(node)}`"
            yield from _docstring(ast.get_docstring(node))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            annotated = re.fullmatch(r"Annotated\[(.+), .+\]", ast.unparse(node.value))
            yield f"Annotates an argument of a route, of type `{annotated[1] if annotated else name}`."
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                yield inspect.cleandoc(str(following.value.value))


def _constructor(node: ast.ClassDef) -> Iterator[str]:
    # What only Gatewright makes is nobody's to call.
    if node.name == "Account":
        return
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__" and len(member.args.args) > 1:
            yield f"`{_signature(member).replace('__init__', node.name, 1)}`"


def _members(node: ast.ClassDef) -> Iterator[str]:
    for member in node.body:
        if not isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)) or member.name.startswith("_"):
            continue
        decorators = [ast.unparse(each) for each in member.decorator_list]
        if "overload" in decorators:
            continue
        yield f"### `{member.name if 'property' in decorators else _signature(member)}`"
        yield from _docstring(ast.get_docstring(member))


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    before = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
    arguments = re.sub(r"^self(, |$)", "", re.sub(r"(?<=[\w\]])=", " = ", ast.unparse(node.args)))
    returns = f" -> {ast.unparse(node.returns)}" if node.returns is not None and node.name != "__init__" else ""
    return f"{before}{node.name}({arguments}){returns}"


def _docstring(text: str | None) -> Iterator[str]:
    """A Google docstring, its sections as lists."""
    for part in re.split(r"\n\n+", text or ""):
        head, _, rest = part.partition("\n")
        if head in ("Args:", "Attributes:", "Raises:", "Returns:"):
            yield f"{head.removesuffix(':')}:"
            entries = re.split(r"\n(?=\S)", textwrap.dedent(rest))
            yield "\n".join(f"- {_entry(entry)}" for entry in entries)
        else:
            yield part


def _entry(entry: str) -> str:
    joined = " ".join(entry.split())
    name, colon, text = joined.partition(": ")
    return f"`{name}`: {text}" if colon and " " not in name else joined


def main() -> int:
    """Write the pages, or say which are stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 when a page is stale")
    check = parser.parse_args().check
    texts = {PAGES / name: render(page) for name, page in ALL.items()}
    stale = [path for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in stale:
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path], "utf-8")
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
    if check and stale:
        print("Run: make docs", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
