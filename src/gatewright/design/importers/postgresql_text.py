"""The statements of a PostgreSQL dump, without rows and without the commands of its shell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gatewright.design.importers.imported import Notes

_COPY = re.compile(r"COPY .* FROM stdin;\s*$", re.IGNORECASE)
_DOLLAR = re.compile(r"\$(?:[A-Za-z_]\w*)?\$")


@dataclass(slots=True)
class _Filter:
    """Goes through the lines of a dump, and knows whether one begins inside of a text."""

    rows: int = 0
    is_copy: bool = False
    is_insert: bool = False
    is_quoted: bool = False
    dollar: str | None = None
    kept: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Keep the line, or an empty one for it, so that later lines have their numbers."""
        if self.is_copy:
            self.is_copy = line.rstrip() != "\\."
            self.rows += self.is_copy
            self.kept.append("")
            return
        is_outside = not self.is_quoted and self.dollar is None
        if is_outside and (line.startswith("\\") or _COPY.match(line)):
            self.is_copy = not line.startswith("\\")
            self.kept.append("")
            return
        if is_outside and line.startswith("INSERT INTO "):
            self.is_insert = True
            self.rows += 1
        self._follow_texts(line)
        self.kept.append("" if self.is_insert else line)
        if self.is_insert and not self.is_quoted and line.rstrip().endswith(";"):
            self.is_insert = False

    def _follow_texts(self, line: str) -> None:
        if not self.is_quoted and self.dollar is None and line.startswith("--"):
            return
        at = 0
        while at < len(line):
            if self.dollar is not None:
                end = line.find(self.dollar, at)
                if end < 0:
                    return
                at, self.dollar = end + len(self.dollar), None
            elif not self.is_quoted and (match := _DOLLAR.match(line, at)):
                at, self.dollar = match.end(), match[0]
            else:
                self.is_quoted ^= line[at] == "'"
                at += 1


def without_rows(text: str, notes: Notes) -> str:
    """*text* without rows and commands of the shell, which no parser of SQL takes; rows are counted in a note."""
    lines = _Filter()
    for line in text.split("\n"):
        lines.take(line)
    if lines.rows:
        notes.add("rows", f"{lines.rows} rows are skipped; an import takes no rows")
    return "\n".join(lines.kept)
