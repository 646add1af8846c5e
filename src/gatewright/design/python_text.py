"""The one place where text of a design becomes a part of Python source: of generated code, and of migrations."""

from __future__ import annotations

from collections.abc import Mapping


def literal(value: object) -> str:
    """*value* as a Python literal: text, number, truth, None, bytes, or a tuple, list or mapping of these.

    Text is in double quotes unless it contains one.

    Raises:
        TypeError: The value is none of these.
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, tuple):
        return "(" + "".join(f"{literal(item)}, " for item in value) + ")"
    if isinstance(value, str):
        text = str(value)
        # With a single quote in it, repr takes double quotes itself.
        return repr(text) if '"' in text else '"' + repr("'" + text)[2:]
    if value is None or isinstance(value, bool | int | float | bytes):
        return repr(value)
    raise TypeError(f"{type(value).__name__} has no literal")


def docstring_text(text: str) -> str:
    """*text* on one line, without anything that ends a docstring or means something else within one."""
    plain = " ".join(text.split()).replace("\\", "\\\\")
    plain = plain.replace('"', '\\"') if '"""' in plain or plain.endswith('"') else plain
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in plain)
