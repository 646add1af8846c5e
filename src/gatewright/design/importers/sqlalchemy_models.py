"""SQLAlchemy models: their tables as SQL, made in a process of its own, since importing models runs their code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from gatewright.design.document import Design
from gatewright.design.importers.imported import Imported, SourceFile, refuse
from gatewright.design.importers.postgresql_dump import read_dump

SECONDS = 60
_LONGEST = 300
# What the process runs. Its output is a file, since models may print when they are imported.
_PROGRAM = """
import importlib, sys
from sqlalchemy import create_mock_engine
module, _, name = sys.argv[1].partition(":")
base = getattr(importlib.import_module(module), name)
metadata = getattr(base, "metadata", base)
statements = []
engine = create_mock_engine("postgresql+asyncpg://", lambda sql, *_, **__: statements.append(sql))
metadata.create_all(engine, checkfirst=False)
texts = [str(sql.compile(dialect=engine.dialect)).strip() for sql in statements]
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write("".join(text + ";\\n" for text in texts))
"""


def read_models(source: str, known: Design) -> Imported:
    """The tables of the models that *source* names, as `package.module:Base`.

    Raises:
        DesignError: They cannot be imported, or are not done within `SECONDS`; the message has the reason.
        SetupError: As in `read_dump`.
    """
    with TemporaryDirectory() as folder:
        output = Path(folder) / "tables.sql"
        try:
            ended = subprocess.run(  # noqa: S603 (the program is the one above, the name is matched before)
                [sys.executable, "-c", _PROGRAM, source, str(output)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            refuse(f"the models were not imported within {SECONDS} seconds")
        if ended.returncode or not output.exists():
            lines = ended.stderr.decode(errors="replace").strip().splitlines() or ["the process ended"]
            refuse(f"the models cannot be imported ({lines[-1][:_LONGEST]})")
        text = output.read_text(encoding="utf-8")
    if not text:
        refuse("the models have no tables")
    return read_dump([SourceFile(source, text)], known)
