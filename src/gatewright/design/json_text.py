"""Reading JSON strictly: what other readers silently correct or accept is an error here."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from gatewright.design.problems import Problems, quoted, step

MAX_CHARACTERS = 8 * 1024 * 1024
MAX_DEPTH = 32

# Marks that turn the direction of text: with them, what a reviewer sees is not what is there (CVE-2021-42574).
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class JsonObject(dict[str, Any]):
    """A JSON object that remembers which of its keys came more than once."""

    repeated: tuple[str, ...] = ()


def make_object(pairs: list[tuple[str, Any]]) -> JsonObject:
    """The object of *pairs*; of a repeated key the last value stays, and the key is remembered."""
    made = JsonObject(pairs)
    if len(made) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        made.repeated = tuple(key for key, times in counted.items() if times > 1)
    return made


def parse_json(text: str, problems: Problems) -> Any:
    """The value of a JSON text, or `None` with a problem noted.

    Refused beyond what JSON itself refuses: repeated keys, `NaN` and infinities, nesting deeper than 32 levels, text
    over 8 MiB, and characters that `check_values` names.
    """
    if len(text) > MAX_CHARACTERS:
        problems.add("", f"longer than {MAX_CHARACTERS // 1024 // 1024} MiB")
        return None
    try:
        value = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=make_object, parse_constant=_refuse_constant)
    except RecursionError:
        problems.add("", f"nested more than {MAX_DEPTH} levels deep")
    except json.JSONDecodeError as error:
        problems.add("", f"not JSON: line {error.lineno}, column {error.colno}: {error.msg}")
    except ValueError as error:
        problems.add("", f"not JSON: {error}")
    else:
        return value if check_values(value, problems) else None
    return None


def check_values(value: object, problems: Problems) -> bool:
    """Whether nothing in *value* is wrong in itself: repeated keys, depth, numbers and characters."""
    before = len(problems.found)
    for path, depth, item in _walk(value):
        if depth > MAX_DEPTH:
            problems.add(path, f"nested more than {MAX_DEPTH} levels deep")
            return False
        for message in _faults(item):
            problems.add(path, message)
    return len(problems.found) == before


def _walk(value: object) -> Iterator[tuple[str, int, object]]:
    """Every value inside *value* and itself, with path and depth, in the order of the document."""
    waiting: list[tuple[str, int, object]] = [("", 0, value)]
    while waiting:
        path, depth, item = waiting.pop()
        yield path, depth, item
        if isinstance(item, dict):
            waiting.extend((step(path, key), depth + 1, inner) for key, inner in reversed(item.items()))
        elif isinstance(item, list):
            waiting.extend((f"{path}[{i}]", depth + 1, item[i]) for i in reversed(range(len(item))))


def _faults(item: object) -> Iterator[str]:
    if isinstance(item, str):
        yield from _text_faults(item)
    elif isinstance(item, float) and not math.isfinite(item):
        yield "the number is too large"
    elif isinstance(item, dict):
        yield from (f"the key {quoted(key)} is repeated" for key in getattr(item, "repeated", ()))
        yield from (f"{fault}, in the key {quoted(key)}" for key in item for fault in _text_faults(key))


def _text_faults(text: str) -> Iterator[str]:
    if text.isascii() and text.isprintable():
        return
    for character in text:
        code = ord(character)
        if (code < 0x20 and character not in "\n\t") or 0x7F <= code < 0xA0:
            yield f"contains a control character (U+{code:04X})"
        elif 0xD800 <= code < 0xE000:
            yield f"contains half of a surrogate pair (U+{code:04X})"
        elif character in _DIRECTION_MARKS:
            yield f"contains a bidirectional control character (U+{code:04X})"
        else:
            continue
        return


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")
