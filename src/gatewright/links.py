"""Symbolic links in an app's folder: where Gatewright writes by itself, none may lead it out of the app.

A repository can contain links. A user who runs a command in it expects that the command writes only there.
"""

from __future__ import annotations

from pathlib import Path

from gatewright.errors import SetupError


def refuse_links_out(app: Path, *paths: Path) -> None:
    """Refuse to write to *paths* when a symbolic link on the way leads out of *app*.

    Args:
        app: The app's folder; may be behind a link itself.
        paths: In *app*, as they are named; they may be missing.

    Raises:
        SetupError: One of them leads elsewhere, or in a circle; the message names it.
    """
    home = app.resolve()
    for path in paths:
        try:
            real = path.resolve()
        except (OSError, RuntimeError):
            raise SetupError(f"{path} is a link that leads in a circle. Remove it; nothing was written.") from None
        if not real.is_relative_to(home):
            raise SetupError(
                f"{path} is behind a link that leads out of the app, to {real}. "
                "Put a folder or file of the app's own there; nothing was written."
            )
