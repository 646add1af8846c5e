"""The Content-Security-Policy of the pages that an app serves itself (Content Security Policy Level 3)."""

from __future__ import annotations

import re

from gatewright.errors import SetupError

_UNNAMED = {
    # `default-src` does not cover these three (section 6).
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
_OF_SCRIPTS = frozenset({"default-src", "script-src", "script-src-elem", "script-src-attr"})
_INLINE = frozenset({"'unsafe-inline'", "'unsafe-eval'"})
_PRINTABLE = re.compile(r"[\x20-\x2b\x2d-\x7e]+")


def page_policy(text: str) -> bytes:
    """The policy *text* as a header, with safe values for what it does not name.

    Raises:
        SetupError: It is not a policy, or it allows inline scripts.
    """
    # A comma would begin a second policy (section 2.2).
    if not _PRINTABLE.fullmatch(text):
        raise SetupError(f"page_policy: {text!r} is not a policy. Write it as \"default-src 'self'\".")
    directives: dict[str, list[str]] = {}
    for part in text.split(";"):
        name, *values = part.split() or [""]
        # Of two directives with one name, the first counts (section 2.2.1).
        directives.setdefault(name.lower(), values)
    directives.pop("", None)
    if not directives.keys() & {"default-src", "script-src"}:
        raise SetupError(
            "page_policy: default-src and script-src are missing, so every script of a page would run. Add one of them."
        )
    for name in directives.keys() & _OF_SCRIPTS:
        if unsafe := _INLINE & {value.lower() for value in directives[name]}:
            raise SetupError(
                f"page_policy: {name} must not contain {min(unsafe)}. Move the script into a file, or send a policy "
                "with a nonce from the route."
            )
    kept = [" ".join([name, *values]) for name, values in directives.items()]
    added = [f"{name} {value}" for name, value in _UNNAMED.items() if name not in directives]
    return "; ".join([*kept, *added]).encode()
