"""What an answer tells about the software behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site

CHECK = "server"

_NAMING = ("X-Powered-By", "X-AspNet-Version", "X-Runtime")
# A proxy that names itself tells nothing new; a version does, and so does the program behind it.
_TOO_MUCH = re.compile(r"\d|uvicorn|gunicorn|hypercorn|granian|daphne|python|werkzeug|starlette", re.IGNORECASE)


async def probe(site: Site) -> list[Finding]:
    """Whoever looks for servers with a known hole looks for these headers."""
    answers = [await site.get(site.call("/auth/login")), await site.get("/.well-known/jwks.json")]
    return judged(CHECK, dict.fromkeys(_problems(answers)), otherwise="no answer says what the server is made of")


def _problems(answers: list[Answer]) -> Iterator[str]:
    for answer in answers:
        named = answer.headers.get("server", "")
        if _TOO_MUCH.search(named):
            mend = "Start uvicorn with --no-server-header, or hide it at the proxy."
            yield f"Server: {named[:60]} says what runs here. {mend}"
        for name in _NAMING:
            if name in answer.headers:
                yield f"{name}: {answer.headers[name][:60]} says what runs here. Take it away at the proxy."
