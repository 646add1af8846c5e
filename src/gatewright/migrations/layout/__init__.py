"""The files of an app's `migrations/` folder, as Alembic itself expects them."""

from __future__ import annotations

from pathlib import Path

from gatewright.files import write_whole
from gatewright.links import refuse_links_out

_HERE = Path(__file__).parent
FILES = {
    "env.py.txt": "migrations/env.py",
    "script.py.mako": "migrations/script.py.mako",
    "alembic.ini": "alembic.ini",
}
"""Each file here, and where it belongs in an app's folder."""


def lay_out(app: Path) -> list[Path]:
    """Write the files that the app in the folder *app* lacks for migrations; existing files stay as they are.

    Returns:
        The files that were written.

    Raises:
        SetupError: A link leads one of them out of *app*.
    """
    refuse_links_out(app, app / "migrations" / "versions", *(app / target for target in FILES.values()))
    (app / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
    missing = {source: app / target for source, target in FILES.items() if not (app / target).exists()}
    for source, target in missing.items():
        write_whole(target, (_HERE / source).read_bytes())
    return list(missing.values())
