"""docs/security/asvs.md says of every requirement how Gatewright stands, and names only tests that exist."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security" / "asvs.md"
STATES = {"met", "not met", "not applicable"}

# The requirements of level 1 and 2 of chapters V6 to V10 of OWASP ASVS 5.0.0, as released: github.com/OWASP/ASVS,
# 5.0/docs_en/OWASP_Application_Security_Verification_Standard_5.0.0_en.csv. By section: its level 1, and its level 2.
# What is left out is of level 3.
REQUIREMENTS = {
    "6.1": ([1], [2, 3]),
    "6.2": ([1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12]),
    "6.3": ([1, 2], [3, 4]),
    "6.4": ([1, 2], [3, 4]),
    "6.5": ([], [1, 2, 3, 4, 5]),
    "6.6": ([], [1, 2, 3]),
    "6.8": ([], [1, 2, 3, 4]),
    "7.1": ([], [1, 2, 3]),
    "7.2": ([1, 2, 3, 4], []),
    "7.3": ([], [1, 2]),
    "7.4": ([1, 2], [3, 4, 5]),
    "7.5": ([], [1, 2]),
    "7.6": ([], [1, 2]),
    "8.1": ([1], [2]),
    "8.2": ([1, 2], [3]),
    "8.3": ([1], []),
    "8.4": ([], [1]),
    "9.1": ([1, 2, 3], []),
    "9.2": ([1], [2, 3, 4]),
    "10.1": ([], [1, 2]),
    "10.2": ([], [1, 2]),
    "10.3": ([], [1, 2, 3, 4]),
    "10.4": ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]),
    "10.5": ([], [1, 2, 3, 4, 5]),
    "10.6": ([], [1, 2]),
    "10.7": ([], [1, 2, 3]),
}
LEVELS = {
    f"{section}.{number}": level
    for section, levels in REQUIREMENTS.items()
    for level, numbers in enumerate(levels, start=1)
    for number in numbers
}

_NUMBER = re.compile(r"\d+\.\d+\.\d+")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::((?:\w+::)?\w+)`")
_LIKE_A_TEST = re.compile(r"`[^`]*(?:tests/[^`]*|::test_[^`]*)`")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the page."""

    number: str
    level: str
    asks: str
    state: str
    text: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        """The tests that it names, each with its file."""
        return _TEST.findall(self.text)


def entries() -> list[Entry]:
    """The rows of the page that begin with the number of a requirement."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ")
    ]
    numbered = [row for row in rows if _NUMBER.match(row[0])]
    assert [row[0] for row in numbered if len(row) != 5] == [], "a row has five cells"
    return [Entry(*row) for row in numbered]


def test_every_requirement_has_one_entry() -> None:
    """None is left out, none is there twice, and none is made up."""
    found = Counter(entry.number for entry in entries())
    assert len(LEVELS) == 96
    assert [number for number in LEVELS if not found[number]] == [], "these have no row in docs/security/asvs.md"
    assert [number for number, times in found.items() if times > 1] == [], "these have several rows"
    assert [number for number in found if number not in LEVELS] == [], "these are not of level 1 or 2, or not there"
    assert list(found) == list(LEVELS), "the rows are in the Standard's order"


def test_every_entry_is_whole() -> None:
    """Its level is the Standard's, its state one of three, and it says what shows it or why not."""
    levels = {entry.number: int(entry.level) for entry in entries()}
    assert {number: level for number, level in levels.items() if LEVELS.get(number) != level} == {}, "wrong levels"
    states = {entry.number: entry.state for entry in entries() if entry.state not in STATES}
    assert states == {}, f"the states are {', '.join(sorted(STATES))}"
    assert [entry.number for entry in entries() if not (entry.asks and entry.text)] == [], "these say too little"


def test_what_is_met_names_tests_that_exist() -> None:
    """As pytest takes them, so that they can be pasted; also those that show a part of what is not met."""
    found = entries()
    bare = [entry.number for entry in found if entry.state == "met" and not entry.tests]
    assert bare == [], "these are met, and name no test that shows it"
    garbled = [entry.number for entry in found if len(_LIKE_A_TEST.findall(entry.text)) != len(entry.tests)]
    assert garbled == [], "write tests as `tests/FILE.py::test_name`"
    named = {test for entry in found for test in entry.tests}
    there = {(file, name) for file in {file for file, _ in named} for name in names_in(ROOT / file)}
    assert sorted("::".join(test) for test in named - there) == [], "these tests do not exist"


def names_in(path: Path) -> set[str]:
    """The tests in a file, those of a class by its name; none when there is no such file."""
    body = ast.parse(path.read_text("utf-8")).body if path.is_file() else []
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    found = {f"{each.name}::{name}" for each in classes for name in _functions(each.body)}
    return {name for name in found | _functions(body) if name.rpartition("::")[2].startswith("test_")}


def _functions(body: list[ast.stmt]) -> set[str]:
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
