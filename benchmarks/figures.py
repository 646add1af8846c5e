"""What is measured, in which unit, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Measured = Mapping[str, float]
"""What one question answers: values by the names of `FIGURES`."""

FLOOR_OF_GOALS = 28_700
"""What the machine that the goals were measured on serves without doing anything, in requests per second."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes:
        scale: How the goal, which was set on another machine, is brought over: `rate` grows with this machine's
            floor, `time` shrinks with it, `plain` stays as it is.
        most: Whether the goal is the most that is allowed, not the least.
    """

    words: str
    unit: str
    goal: float | None = None
    scale: Literal["rate", "time", "plain"] = "plain"
    most: bool = False

    def goal_here(self, floor: float) -> float | None:
        """The goal for a machine with this floor."""
        if self.goal is None or self.scale == "plain":
            return self.goal
        return self.goal * (floor / FLOOR_OF_GOALS) ** (1 if self.scale == "rate" else -1)

    def is_reached(self, value: float, floor: float) -> bool | None:
        """Whether *value* meets the goal; None without a goal."""
        goal = self.goal_here(floor)
        if goal is None:
            return None
        return value <= goal if self.most else value >= goal


FIGURES: dict[str, Figure] = {
    "floor": Figure("floor: an ASGI app that does nothing", "1/s"),
    "hash_limit": Figure("Argon2id alone on the server's core", "1/s"),
    "profile": Figure("read with the user from the database", "1/s", 5_200, "rate"),
    "profile_p99": Figure("… 99th percentile", "ms", 15, "time", most=True),
    "token_read": Figure("read with the token alone", "1/s", 10_000, "rate"),
    "token_read_p99": Figure("… 99th percentile", "ms"),
    "refresh": Figure("refresh", "1/s", 2_400, "rate"),
    "refresh_p99": Figure("… 99th percentile", "ms"),
    "login": Figure("logins, 16 at once", "1/s"),
    "login_share": Figure("… share of the hash limit", "", 0.95),
    "login_p99": Figure("… 99th percentile", "ms"),
    "flood_read_p99": Figure("read while 16 logins flood: 99th percentile", "ms", 50, "time", most=True),
    "flood_reads": Figure("… reads", "1/s"),
    "flood_logins": Figure("… logins", "1/s"),
    "flood_refused": Figure("… logins refused", "1/s"),
    "flood_share": Figure("… reads, share of what the logins leave of the core", "", 0.5),
    "successors": Figure("one refresh token 16 times at once: successors", "", 1, most=True),
    "known_login": Figure("login: known and unknown addresses differ by", "ms", 5, most=True),
    "known_forgot": Figure("… asking for a reset", "ms", 5, most=True),
    "known_resend": Figure("… asking for the verification again", "ms", 5, most=True),
    "known_register": Figure("… registering, addresses verified first", "ms", 5, most=True),
    "memory": Figure("memory after load", "MiB", 90, most=True),
    "start": Figure("start to first answer", "s", 0.5, "time", most=True),
    "start_few": Figure("an app of 3 tables: start to first answer", "s"),
    "start_many": Figure("an app of 100 tables: start to first answer", "s"),
    "start_ratio": Figure("… times the start of the app of 3 tables", "", 2.5, most=True),
    "table_memory": Figure("… memory for each table", "KiB", 200, most=True),
}
