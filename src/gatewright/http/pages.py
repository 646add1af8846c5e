"""Pages rendered on the server: from templates, without scripts, under a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from jinja2 import Environment

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --line: #6b7280; --accent: #1d4ed8; --bad: #b91c1c }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f3f4f6; --paper: #111827; --line: #9ca3af; --accent: #2563eb; --bad: #fca5a5 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { max-width: 26rem; margin: 0 auto; padding: 3rem 1.25rem }
main.wide { max-width: 60rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
label { display: block; font-weight: 600; margin-top: 1rem }
input { display: block; width: 100%; margin-top: .25rem; padding: .625rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .375rem }
button { margin-top: 1.5rem; width: 100%; padding: .75rem 1rem; font: inherit; font-weight: 600; color: #ffffff;
  background: var(--accent); border: 0; border-radius: .375rem; cursor: pointer }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.error { color: var(--bad) }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: .375rem; background: Canvas }
pre { white-space: pre-wrap; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse }
th, td { text-align: left; padding: .5rem .5rem .5rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
a { color: inherit }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def page(folder: Path, template: str, *, status: int = 200, frames: bool = False, **values: Any) -> HTMLResponse:
    """A page made from *template* in *folder*.

    Args:
        folder: A feature's `templates` folder.
        template: The name of the file.
        status: Of the answer.
        frames: Whether it shows pages of this server in frames.
        values: What the template may name; escaped.
    """
    text = _environment(folder).get_template(template).render(style=_STYLE, **values)
    framed = "'self'" if frames else "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; frame-src {framed}"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(text, status_code=status, headers=headers)


@cache
def _environment(folder: Path) -> Environment:
    # Imported when the first page is asked for.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader([folder, Path(__file__).parent / "templates"])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
