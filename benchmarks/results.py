"""What came out: kept as JSON, and said as a Markdown table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.cores import Share
from benchmarks.figures import FIGURES, FLOOR_OF_GOALS, Figure, Measured

_FOLDER = Path(__file__).with_name("results")
_BUSY_SHARE = 0.03
_HEAD = ("", "median", "lowest to highest", "share of the floor", "goal", "goal here", "reached")


@dataclass
class Results:
    """All values of all rounds.

    Attributes:
        values: By the names of `FIGURES`, in the order of the rounds.
        strangers: For each question, the largest share of the server's core that other processes took in a round.
        used: For each question, the smallest share of its core that the server used in a round. Far below 1, the
            database or the client was what was measured.
    """

    machine: dict[str, str]
    commit: str
    load_average: float
    seconds: float
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    values: dict[str, list[float]] = field(default_factory=dict)
    strangers: dict[str, float] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)

    def add(self, measured: Measured) -> None:
        """Take a round's values in."""
        for name, value in measured.items():
            self.values.setdefault(name, []).append(value)

    def note(self, question: str, share: Share) -> None:
        """Keep how the core was used during a question."""
        self.strangers[question] = max(share.strangers, self.strangers.get(question, 0.0))
        self.used[question] = min(share.server, self.used.get(question, 1.0))

    def median(self, name: str) -> float:
        """The median of all rounds so far."""
        return median(self.values[name])

    @property
    def was_disturbed(self) -> bool:
        """Whether other processes took so much of the server's core that the figures are too low."""
        return max(self.strangers.values()) > _BUSY_SHARE

    def markdown(self) -> str:
        """The summary: the table, and what it was measured on."""
        rows = [_HEAD, ["---", *["---:"] * (len(_HEAD) - 2), "---"]]
        rows += [self._row(FIGURES[name], values) for name, values in self.values.items()]
        table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        return f"# Benchmark of {self.commit}, {self.started:%Y-%m-%d %H:%M} UTC\n\n{table}\n\n{self._explanation()}\n"

    def write(self) -> Path:
        """Write JSON and Markdown to `results/`; the path without its suffix."""
        _FOLDER.mkdir(exist_ok=True)
        path = _FOLDER / f"{self.started:%Y-%m-%d}-{self.commit}"
        content = {**vars(self), "started": self.started.isoformat(timespec="seconds")}
        path.with_suffix(".json").write_text(json.dumps(content, indent=2) + "\n")
        path.with_suffix(".md").write_text(self.markdown())
        return path

    def _row(self, figure: Figure, values: Sequence[float]) -> list[str]:
        floor, middle = self.median("floor"), median(values)
        # A floor that others have held down would let every goal that is scaled by it look reached.
        reached = None if self.was_disturbed else figure.is_reached(middle, floor)
        return [
            figure.words,
            f"{_number(middle)} {figure.unit}".strip(),
            f"{_number(min(values))} to {_number(max(values))}",
            f"{middle / floor:.1%}" if figure.unit == "1/s" and figure.scale == "rate" else "",
            _bound(figure, figure.goal),
            _bound(figure, figure.goal_here(floor)),
            "" if reached is None else "yes" if reached else "no",
        ]

    def _explanation(self) -> str:
        rounds = len(self.values["floor"])
        lines = [
            f"Rounds: {rounds}, of {self.seconds:g} s for each question, one after the other, so all of a round come "
            "from the same minutes. One server process on one core; PostgreSQL (durable) and the client (wrk, 32 "
            "connections; logins 16) on the others; 32 users; production settings with their defaults, but "
            "limits off; no TLS. Known and unknown addresses: 200 tries each, one after the other, with "
            "`REQUIRE_VERIFIED_EMAIL`.",
            "",
            f"The goals were set on another machine, whose floor is {FLOOR_OF_GOALS:,}/s; this one's is "
            f"{_number(self.median('floor'))}/s. “Goal here” is the same share of the floor: rates grow with it, times "
            "shrink, and shares, memory and counts stay.",
            "",
            self._disturbance(),
            "",
            "Share of its core that the server used, at least: "
            + ", ".join(f"{question} {share:.0%}" for question, share in self.used.items())
            + ".",
            "",
            *(f"- {name}: {value}" for name, value in self.machine.items()),
        ]
        return "\n".join(lines)

    def _disturbance(self) -> str:
        worst = max(self.strangers, key=lambda question: self.strangers[question])
        found = (
            f"Load average at the start: {self.load_average:.2f}. Other processes took at most "
            f"{self.strangers[worst]:.1%} of the server's core ({worst})."
        )
        return (
            f"**The machine was busy: the figures are too low, and show nothing.** {found}"
            if self.was_disturbed
            else found
        )


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _bound(figure: Figure, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"{'≤' if figure.most else '≥'} {_number(goal)} {figure.unit}".strip()
