"""Whether an attacker could guess a secret."""

from __future__ import annotations

SECRET_BYTES = 32
DIFFERENT_CHARACTERS = 10

# Placeholders for secrets in tutorials, documentation and templates; in lower case, letters and digits only.
WELL_KNOWN = (
    "yoursecret",
    "yourjwtsecret",
    "yoursupersecret",
    "your256bitsecret",
    "yoursecurerandom",
    "mysecret",
    "supersecret",
    "verysecret",
    "notsosecret",
    "secretkey",
    "jwtsecret",
    "stringsecretatleast",
    "betterauthsecret",
    "examplesecret",
    "changeme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "replacewith",
    "donotuse",
    "djangoinsecure",
    "placeholder",
    "keyboardcat",
    "password123",
    "abcdefghijklmnop",
    "1234567890",
    "0123456789abcdef",
    "deadbeefdeadbeef",
    # The keys printed in the documentation of FastAPI and of Flask.
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
)


def weakness(secret: str) -> str | None:
    """Why *secret* is too weak for production, as the end of a sentence; None for a strong one."""
    if len(secret.encode()) < SECRET_BYTES:
        return f"is shorter than {SECRET_BYTES} bytes"
    if len(set(secret)) < DIFFERENT_CHARACTERS:
        return f"has fewer than {DIFFERENT_CHARACTERS} different characters"
    plain = "".join(character for character in secret.lower() if character.isalnum())
    if any(known in plain for known in WELL_KNOWN):
        return "contains a secret of a tutorial or template"
    return None
