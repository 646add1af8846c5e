"""`gatewright serve`: the app of the working directory, or the stand-alone server."""

from __future__ import annotations

import asyncio
import gc
from typing import Annotated

import typer

from gatewright.cli.console import notice, say


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 3000,
    workers: Annotated[int, typer.Option(min=1, max=1000, help="Processes that answer requests.")] = 1,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the database up to date first.")] = False,
) -> None:
    """Serve accounts, sign-in and tokens.

    In a folder that `gatewright init` made, its app is served; elsewhere, the built-in design.
    Settings, port and database are checked first: what does not fit is said, and nothing starts.
    """
    # Nothing that a start makes is garbage, and looking for some takes a tenth of it.
    gc.disable()
    from gatewright.cli import apps, listening, processes
    from gatewright.cli.greeting import greeting, network_warning
    from gatewright.migrations.apply import apply_all
    from gatewright.migrations.histories import histories_of

    with listening.bind(host, port) as listener:
        address, port, *_ = listener.getsockname()
        auth, app = apps.load(port)
        if migrate:
            asyncio.run(apply_all(auth.database, histories_of(auth.settings.folder)))

        def announce() -> None:
            for text in (*auth.prepared.notices, network_warning(auth, address)):
                if text:
                    notice(text)
            say(greeting(auth, listening.url(host, port), workers=workers))

        if workers == 1:
            processes.serve_here(auth, app, listener, announce)
        else:
            processes.serve_with_workers(auth, listener, announce, workers=workers)
