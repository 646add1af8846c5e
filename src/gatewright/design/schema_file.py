"""The JSON Schema beside an app, which `$schema` of its design names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gatewright.design.document import SCHEMA_REFERENCE
from gatewright.design.schema import schema_text
from gatewright.files import make_machine_folder, write_whole
from gatewright.links import refuse_links_out


def keep_schema(app: Path) -> None:
    """Write the schema of this version, for editors, to the place that the design in *app* names.

    Git ignores the folder, so each machine makes its own. An app without it works: where it can't be written, it is
    left out.

    Raises:
        SetupError: A link leads it out of *app*.
    """
    file = app / SCHEMA_REFERENCE
    refuse_links_out(app, file)
    text = schema_text()
    with suppress(OSError, UnicodeDecodeError):
        if file.is_file() and file.read_text("utf-8") == text:
            return
    with suppress(OSError):
        make_machine_folder(app)
        write_whole(file, text.encode())
