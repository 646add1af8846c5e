"""The text of a `schema.prisma`: blocks of lines, each a field or an attribute with arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gatewright.design.importers.imported import fail_at
from gatewright.design.json_text import MAX_CHARACTERS

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_COMMENT = re.compile(rf"({_STRING})|/\*.*?\*/|//[^\n]*", re.DOTALL)
_HEAD = re.compile(r"(model|view|enum|type|datasource|generator)\s+(\w+)\s*\{")
_FIELD = re.compile(rf"(\w+)\s+(Unsupported\({_STRING}\)|\w+)(\[\]|\?)?\s*(@.*)?")
_ATTRIBUTE = re.compile(r"\s*@@?([\w.]+)\s*")
_ARGUMENT = re.compile(r"(?:(\w+)\s*:\s*)?(.+)", re.DOTALL)
_LINE = re.compile(r"[^\n]*")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`@name(argument, key: argument)`: arguments without a key come under their number."""

    name: str
    arguments: dict[str, str]

    def get(self, *keys: str) -> str | None:
        """The first argument that is there, by key or by number."""
        return next((self.arguments[key] for key in keys if key in self.arguments), None)


@dataclass(slots=True, kw_only=True)
class Line:
    """A line of a block.

    Attributes:
        type: Of a field; empty for an attribute of the block and for the value of an enum.
        suffix: `[]`, `?` or nothing.
        documentation: What `///` says.
    """

    name: str
    start: int
    type: str = ""
    suffix: str = ""
    attributes: list[Attribute] = field(default_factory=list)
    documentation: str | None = None

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name."""
        return next((found for found in self.attributes if found.name == name), None)


@dataclass(slots=True, kw_only=True)
class Block:
    """A block: of a model, the fields, and what stands behind `@@`."""

    kind: str
    name: str
    start: int
    lines: list[Line] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    documentation: str | None = None

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name."""
        return next((found for found in self.attributes if found.name == name), None)


def blocks_of(text: str) -> list[Block]:
    """The blocks of *text*.

    Raises:
        DesignError: The text is not in Prisma's language; the message names the line.
    """
    if len(text) > MAX_CHARACTERS:
        fail_at("", 0, f"longer than {MAX_CHARACTERS // 1024 // 1024} MiB")
    found: list[Block] = []
    block: Block | None = None
    comments: list[str] = []
    for start, line, documentation in _lines(text):
        if not line:
            comments = [*comments, documentation] if documentation is not None else comments
            continue
        if block is None:
            block = _head(text, start, line, comments)
        elif line == "}":
            found.append(block)
            block = None
        else:
            documented = comments if documentation is None else [*comments, documentation]
            _add_line(text, block, start, line, "\n".join(documented) or None)
        comments = []
    if block is not None:
        fail_at(text, block.start, f'the block "{block.name}" is not closed')
    return found


def _lines(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Each line without comments: where it begins, what it says, and what `///` says in it."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if match[1] else re.sub(r"[^\n]", " ", match[0])

    plain = _COMMENT.sub(blank, text)
    if (unclosed := re.sub(_STRING, lambda match: " " * len(match[0]), plain).find("/*")) >= 0:
        fail_at(text, unclosed, "the comment is not closed")
    start = 0
    for line in plain.split("\n"):
        content = line.strip()
        original = text[start : start + len(line)]
        rest = original[len(line.rstrip()) :].strip()
        documentation = rest[3:].strip() if rest.startswith("///") else None
        yield start + len(line) - len(line.lstrip()), content, documentation
        start += len(line) + 1


def _head(text: str, start: int, line: str, comments: list[str]) -> Block:
    match = _HEAD.fullmatch(line)
    if match is None:
        fail_at(text, start, f"a model, enum, view, datasource or generator was expected, not {json.dumps(line[:40])}")
    return Block(kind=match[1], name=match[2], start=start, documentation="\n".join(comments) or None)


def _add_line(text: str, block: Block, start: int, line: str, documentation: str | None) -> None:
    if block.kind in ("datasource", "generator"):
        name, _, value = line.partition("=")
        block.attributes.append(Attribute(name.strip(), {"0": value.strip()}))
    elif line.startswith("@@"):
        block.attributes += _attributes(text, start, line)
    elif block.kind == "enum":
        name = line.split("@", 1)[0].strip()
        if not re.fullmatch(r"\w+", name):
            fail_at(text, start, f"the value of an enum was expected, not {json.dumps(line[:40])}")
        block.lines.append(Line(name=name, start=start, attributes=_attributes(text, start, line[len(name) :])))
    else:
        match = _FIELD.fullmatch(line)
        if match is None:
            fail_at(text, start, f"a field was expected, with its name and type, not {json.dumps(line[:40])}")
        attributes = _attributes(text, start, match[4] or "")
        block.lines.append(
            Line(
                name=match[1],
                start=start,
                type=match[2],
                suffix=match[3] or "",
                attributes=attributes,
                documentation=documentation,
            )
        )


def _attributes(text: str, start: int, rest: str) -> list[Attribute]:
    found: list[Attribute] = []
    while rest.strip():
        match = _ATTRIBUTE.match(rest)
        if match is None:
            fail_at(text, start, f"an attribute was expected, not {json.dumps(rest.strip()[:40])}")
        rest = rest[match.end() :]
        arguments: dict[str, str] = {}
        if rest.startswith("("):
            end = _closing(rest)
            if end is None:
                fail_at(text, start, f'the bracket behind "@{match[1]}" is not closed on its line')
            arguments = arguments_in(rest[1:end])
            rest = rest[end + 1 :]
        found.append(Attribute(match[1], arguments))
    return found


def arguments_in(text: str) -> dict[str, str]:
    """What stands between commas, by key or by number."""
    found: dict[str, str] = {}
    for number, part in enumerate(split_list(text)):
        match = _ARGUMENT.fullmatch(part)
        if match is not None:
            found[match[1] or str(number)] = match[2].strip()
    return found


def split_list(text: str) -> list[str]:
    """The parts of *text* between commas that stand in no bracket and in no text."""
    parts, depth, part = [], 0, ""
    for piece in re.findall(rf"{_STRING}|.", text, re.DOTALL):
        depth += (piece in "([{") - (piece in ")]}") if len(piece) == 1 else 0
        if piece == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += piece
    return [found for found in (*parts, part.strip()) if found]


def _closing(text: str) -> int | None:
    depth, at = 0, 0
    for piece in re.findall(rf"{_STRING}|.", text, re.DOTALL):
        if len(piece) == 1:
            depth += (piece == "(") - (piece == ")")
        if depth == 0:
            return at
        at += len(piece)
    return None


def unquoted(text: str) -> str:
    """What a text in quotes says; what stands without quotes stays."""
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text[1:-1]
