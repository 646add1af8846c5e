"""`gatewright serve`: the app of the working directory, or the stand-alone server."""

from __future__ import annotations

import asyncio
import gc
from typing import Annotated

import typer

from gatewright.cli.console import notice, say


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 listens on all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 chooses a free one.")] = 3000,
    workers: Annotated[int, typer.Option(min=1, max=1000, help="Number of worker processes.")] = 1,
    migrate: Annotated[bool, typer.Option("--migrate", help="Apply pending migrations first.")] = False,
) -> None:
    """Start the production server.

    In a folder that `gatewright init` created it serves the app; elsewhere it serves the built-in design.
    It checks settings, port and database first, and does not start if one of them is wrong.
    """
    # A start makes no garbage, and collecting would take a tenth of its time.
    gc.disable()
    from gatewright.cli import apps, listening, processes
    from gatewright.cli.greeting import greeting, network_warning
    from gatewright.migrations.apply import apply_all

    with listening.bind(host, port) as listener:
        address, port, *_ = listener.getsockname()
        auth, app = apps.load(port)
        if migrate:
            asyncio.run(apply_all(auth.database, auth.features.histories(auth.settings.folder)))

        def announce() -> None:
            for text in (*auth.prepared.notices, network_warning(auth, address)):
                if text:
                    notice(text)
            say(greeting(auth, listening.url(host, port), workers=workers))

        if workers == 1:
            processes.serve_here(auth, app, listener, announce)
        else:
            processes.serve_with_workers(auth, listener, announce, workers=workers)
