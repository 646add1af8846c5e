"""One refresh token, sent 16 times at once: how many successors come out, and is anybody logged out?"""

from __future__ import annotations

from benchmarks import calls
from benchmarks.figures import Measured
from benchmarks.stage import Stage

AT_ONCE = 16


def measure(stage: Stage) -> Measured:
    """The most successors that one token got; every caller has to get one, and it has to live.

    Raises:
        RuntimeError: An honest caller was refused.
    """
    return {"successors": max(_successors(stage.server.port, token) for token in stage.log_in())}


def _successors(port: int, token: str) -> int:
    answers = calls.all_at_once(port, _refresh(token), AT_ONCE)
    if any(status != 200 for status, _ in answers):
        raise RuntimeError("an honest caller was refused")
    successors = {answer["refreshToken"] for _, answer in answers}
    for successor in successors:
        calls.call(port, "POST", "/auth/refresh", body={"refreshToken": successor})
    return len(successors)


def _refresh(token: str) -> bytes:
    return calls.request("POST", "/auth/refresh", body={"refreshToken": token})
