"""Does the time of an answer tell whether an address has an account? `python -m benchmarks.enumeration` asks only this.

In the mode that promises to tell nothing, `REQUIRE_VERIFIED_EMAIL`, with limits off and one worker: as many tries with
addresses that have an account as with others, in an order that is left to chance, so that whatever else happens on the
machine, the mails of the tries before included, meets both alike. Every try has an address of its own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks import calls, server
from benchmarks.cores import Cores
from benchmarks.figures import FIGURES, Measured
from benchmarks.stage import PASSWORD, Stage, prepared
from tests.services import postgres
from tests.smtp import MailServer, mail_server

TRIES = 200
_PATIENCE_SECONDS = 60.0
_WARM_UP = 10

Body = Callable[[str], dict[str, str]]

_NAME = {"firstName": "John", "lastName": "Doe"}
_CALLS: dict[str, tuple[str, int, Body]] = {
    "register": ("/auth/register", 202, lambda email: {"email": email, "password": PASSWORD, **_NAME}),
    "login": ("/auth/login", 401, lambda email: {"email": email, "password": "another passphrase"}),
    "forgot": ("/auth/password/forgot", 202, lambda email: {"email": email}),
    "resend": ("/auth/verify-email/resend", 202, lambda email: {"email": email}),
}
"""Path, the answer that everybody gets, and the body; by the names of the figures."""


def measure(stage: Stage, tries: int = TRIES) -> Measured:
    """By how much the medians of known and unknown addresses differ for each call, in milliseconds."""
    return {f"known_{name}": abs(known - unknown) for name, (known, unknown) in medians(stage, tries).items()}


def medians(stage: Stage, tries: int) -> dict[str, tuple[float, float]]:
    """Median times of known and of unknown addresses for each call, in milliseconds."""
    with mail_server() as mails, _server(stage, mails) as tested:
        known = [_new_address() for _ in range(tries)]
        path, _, body = _CALLS["register"]
        for email in known:
            calls.call(tested.port, "POST", path, body=body(email))
        _wait_for(mails, tries)
        return {name: _medians_of(tested.port, name, known) for name in _CALLS}


def _medians_of(port: int, name: str, known: list[str]) -> tuple[float, float]:
    path, expected, body = _CALLS[name]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def milliseconds(email: str) -> float:
        content = json.dumps(body(email))
        began = time.perf_counter()
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        if answer.status != expected:
            raise RuntimeError(f"POST {path} was answered with {answer.status}, not {expected}")
        return took * 1000

    times: dict[bool, list[float]] = {True: [], False: []}
    try:
        for _ in range(_WARM_UP):
            milliseconds(_new_address())
        tries = [(True, email) for email in known] + [(False, _new_address()) for _ in known]
        for is_known, email in random.sample(tries, len(tries)):
            times[is_known].append(milliseconds(email))
    finally:
        connection.close()
    return median(times[True]), median(times[False])


@contextmanager
def _server(stage: Stage, mails: MailServer) -> Iterator[server.Server]:
    """A server on a database of its own: on the stage's, the stage's server would send some of the mails."""
    database_url = postgres.create_database(stage.database_url)
    server.migrate(database_url)
    settings = {"REQUIRE_VERIFIED_EMAIL": "true", "MAIL_URL": mails.url}
    tested = server.gatewright(database_url, stage.cores.server, stage.secret, **settings)
    try:
        yield tested
    finally:
        tested.stop()
        postgres.drop_database(stage.database_url, database_url)


def _new_address() -> str:
    return f"{secrets.token_hex(8)}@example.com"


def _wait_for(mails: MailServer, count: int) -> None:
    """Wait until so many mails have arrived: those of the preparations are not to be sent while times are taken."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while len(mails.messages) < count:
        if time.monotonic() > until:
            raise RuntimeError(f"{len(mails.messages)} of {count} mails arrived")
        time.sleep(0.1)


def main() -> None:
    """Measure and print; nothing is written."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.enumeration")
    parser.add_argument("--tries", type=int, default=TRIES, help=f"With known addresses, and with others ({TRIES}).")
    tries = parser.parse_args().tries
    load = os.getloadavg()[0]
    with prepared(Cores.divide(), seconds=0) as stage:
        found = medians(stage, tries)
    print(f"Medians of {tries} tries each, in ms; load average {load:.2f} before, {os.getloadavg()[0]:.2f} after.\n")
    print(f"{'':10}{'known':>10}{'unknown':>10}{'differ by':>11}")
    for name, (known, unknown) in found.items():
        difference, goal = abs(known - unknown), FIGURES[f"known_{name}"].goal
        reached = goal is None or difference <= goal
        print(f"{name:10}{known:10.2f}{unknown:10.2f}{difference:11.2f}{'' if reached else f'  (goal: {goal:g})'}")


if __name__ == "__main__":
    main()
