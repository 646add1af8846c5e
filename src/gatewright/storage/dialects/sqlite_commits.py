"""Commits that several calls share on SQLite, where each commit waits for the disk, and one at a time is at it."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gatewright.storage.hot import CompiledStatement

Fetch = Callable[[CompiledStatement[Any], dict[str, Any]], Any]


@dataclass(slots=True, eq=False)
class SharedCall:
    """A call of a hot statement that may be committed with others, and what came of it."""

    compiled: CompiledStatement[Any]
    values: dict[str, Any]
    row: Any = None
    error: Exception | None = None


class SharedCommits:
    """The calls that wait for the writer.

    Args:
        fetch: Runs one call on the writer's connection.
        driver: That connection.
    """

    def __init__(self, fetch: Fetch, driver: Callable[[], sqlite3.Connection]) -> None:
        self._fetch = fetch
        self._driver = driver
        self._waiting: deque[SharedCall] = deque()

    def add(self, compiled: CompiledStatement[Any], values: dict[str, Any]) -> SharedCall:
        """A call that waits from now on."""
        call = SharedCall(compiled, values)
        self._waiting.append(call)
        return call

    def finish(self, call: SharedCall) -> Any:
        """Run all that wait, if another's turn has not done so already; the call's own row. On the writer's thread.

        Raises:
            sqlite3.Error: The call failed, or the commit did.
        """
        self._run_waiting()
        if call.error is not None:
            raise call.error
        return call.row

    def _run_waiting(self) -> None:
        batch: list[SharedCall] = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        try:
            if batch:
                self._run_together(batch)
        except sqlite3.OperationalError as error:
            for each in batch:
                each.error = error
        except Exception:
            # Only one of them is at fault; the others still succeed.
            for each in batch:
                self._run_alone(each)

    def _run_together(self, batch: Sequence[SharedCall]) -> None:
        driver = self._driver()
        driver.execute("BEGIN IMMEDIATE")
        try:
            for each in batch:
                each.row = self._fetch(each.compiled, each.values)
            driver.execute("COMMIT")
        except BaseException:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
            raise

    def _run_alone(self, call: SharedCall) -> None:
        try:
            call.row = self._fetch(call.compiled, call.values)
        except Exception as error:
            call.error = error
