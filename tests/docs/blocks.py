"""The fenced blocks of README, CONTRIBUTING and docs/, and what their info strings mean.

    python FILE       a module: written to FILE, type-checked, and run unless it is a test or belongs to pytest
    sh                commands that run in the page's folder, one bash for each block; variables stay set
    sh server         the same, and the last command goes on running while the rest of the page does
    json              the answer of the `sh` block above it; `…` stands for whatever differs each time
    text              the same, as lines; a line that is only `…` stands for any number of lines
    LANGUAGE FILE     written to FILE

A block that cannot run has `<!-- not run: REASON -->` on the line above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NOT_RUN = re.compile(r"<!-- not run: (\S.*\S) -->")
_FENCE = re.compile(r"( *)(`{3,})(.*)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block.

    Attributes:
        page: The page it is in, relative to the repository.
        line: Where it begins.
        language: The first word of its info string.
        argument: What follows it: a file name, or `server`.
        text: What is in it.
        reason: Why it does not run; empty when it does.
    """

    page: str
    line: int
    language: str
    argument: str
    text: str
    reason: str

    @property
    def place(self) -> str:
        """Where it is, as an editor understands it."""
        return f"{self.page}:{self.line}"

    @property
    def is_module(self) -> bool:
        """Whether it is Python that a type checker has to accept."""
        return self.language == "python" and not self.reason

    @property
    def file(self) -> str:
        """The file that it is written to; empty for none."""
        if self.language == "python" and not self.argument:
            return f"line_{self.line}.py"
        return "" if self.language == "sh" else self.argument

    @property
    def is_answer(self) -> bool:
        """Whether it is what the block above it prints."""
        return self.language in ("json", "text") and not self.argument


def pages() -> list[str]:
    """Every page that has to keep its word, relative to the repository."""
    top = [path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md"]
    return sorted(str(path.relative_to(ROOT)) for path in [*top, *ROOT.glob("docs/**/*.md")])


def blocks_of(page: str) -> list[Block]:
    """The blocks of one page, in their order."""
    return list(_read(page, (ROOT / page).read_text("utf-8").splitlines()))


def all_blocks() -> list[Block]:
    """The blocks of every page."""
    return [block for page in pages() for block in blocks_of(page)]


def _read(page: str, lines: list[str]) -> Iterator[Block]:
    number = 0
    while number < len(lines):
        fence = _FENCE.fullmatch(lines[number])
        start = number
        number += 1
        if fence is None:
            continue
        indent, ticks, info = fence.groups()
        end = next(at for at in range(number, len(lines)) if lines[at].strip() == ticks)
        language, _, argument = info.strip().partition(" ")
        reason = _NOT_RUN.fullmatch(lines[start - 1].strip()) if start else None
        text = "\n".join(line.removeprefix(indent) for line in lines[number:end]) + "\n"
        yield Block(page, start + 1, language, argument.strip(), text, reason[1] if reason else "")
        number = end + 1
