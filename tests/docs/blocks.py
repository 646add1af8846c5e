"""The fenced blocks of README, CONTRIBUTING and docs/, and what their info strings mean.

    python FILE       a module: written to FILE, type-checked, and run unless it is a test or belongs to pytest; below
                      app/ it belongs to an app that the page makes, and the page itself runs mypy
    sh                commands that run in the page's folder, one bash for each block; variables and functions stay
                      set, and so does the folder that `cd` leads to
    sh server         the same, and the last command goes on running while the rest of the page does, at another
                      terminal: what is set here is not set there
    json              the answer of the `sh` block above it; `…` stands for whatever differs each time
    text              the same, as lines; a line that is only `…` stands for any number of lines
    text server       lines that the page's server says next, waited for
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
        """Whether it is Python that a type checker has to accept by itself."""
        return self.language == "python" and not self.reason and not self.is_of_app

    @property
    def is_of_app(self) -> bool:
        """Whether it is Python of an app that `gatewright init` made, where its page checks it."""
        return self.language == "python" and self.argument.startswith("app/")

    @property
    def file(self) -> str:
        """The file that it is written to; empty for none."""
        if self.language == "python" and not self.argument:
            return f"line_{self.line}.py"
        return "" if self.language == "sh" or self.is_server_output else self.argument

    @property
    def is_answer(self) -> bool:
        """Whether it is what the block above it prints."""
        return self.language in ("json", "text") and not self.argument

    @property
    def is_server_output(self) -> bool:
        """Whether it is what the page's server says."""
        return self.language == "text" and self.argument == "server"


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
