"""Whether answers tell which addresses have an account."""

from __future__ import annotations

from gatewright.cli.findings import Finding, judged
from gatewright.cli.probes.site import Answer, Site, nobody

CHECK = "accounts"

# Each counts as a failed login, and an account has five before it is delayed.
_TRIES = 4
_SECONDS_THAT_TELL = 0.01
_PUBLIC_HEADERS = ("content-type", "www-authenticate", "cache-control", "content-length")


async def probe(site: Site) -> list[Finding]:
    """What an address that nobody has gets; and whether a known one gets anything else, or gets it later."""
    problems = []
    for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
        answer = await site.ask("POST", site.call(path), body={"email": nobody()})
        if answer.status not in (202, 404, 405, 429) or _tells(answer):
            problems.append(f"{answer.asked} tells that an address has no account (status {answer.status}).")
    stranger = nobody()
    first = await site.log_in(stranger)
    if first.status == 429:
        said = "not looked at: the server's limits hold for this machine. Try again in a minute"
        return judged(CHECK, problems, otherwise=said)
    if first.status != 401 or first.code not in (None, "invalid_credentials"):
        problems.append(f"{first.asked} tells that an address has no account (status {first.status}, {first.code}).")
    if site.known is None:
        said = "an address without an account is not told apart; --known EMAIL compares it with one that has"
        return judged(CHECK, problems, otherwise=said)
    return judged(
        CHECK, problems + await _compared(site, site.known, stranger), otherwise="known and unknown are alike"
    )


async def _compared(site: Site, known: str, stranger: str) -> list[str]:
    ours: list[Answer] = []
    theirs: list[Answer] = []
    # In turns, so that whatever slows the way meets both.
    for _ in range(_TRIES):
        theirs.append(await site.log_in(known))
        ours.append(await site.log_in(stranger))
    if any(answer.status == 429 for answer in (*ours, *theirs)):
        return ["limits refused to compare a known address with an unknown one. Try again in a minute."]
    if {_public(answer) for answer in ours} != {_public(answer) for answer in theirs}:
        return [
            f"{ours[0].asked} answers otherwise for an account than for none, with the password wrong in both cases."
        ]
    return _told_by_time(ours, theirs)


def _told_by_time(ours: list[Answer], theirs: list[Answer]) -> list[str]:
    """Told, when every answer for the one came well after every answer for the other."""
    none, some = sorted(answer.seconds for answer in ours), sorted(answer.seconds for answer in theirs)
    apart = max(some[0] - none[-1], none[0] - some[-1])
    if apart < _SECONDS_THAT_TELL:
        return []
    return [
        f"{ours[0].asked} takes {some[0] * 1000:.0f} ms for an account and {none[0] * 1000:.0f} ms for none: the time "
        "tells. Imported hashes do that until their first login; gatewright doctor, on the machine, counts them."
    ]


def _public(answer: Answer) -> tuple[object, ...]:
    body = answer.json
    said = {key: value for key, value in body.items() if key != "requestId"} if isinstance(body, dict) else answer.text
    return answer.status, str(said), *(answer.headers.get(name) for name in _PUBLIC_HEADERS)


def _tells(answer: Answer) -> bool:
    return answer.status == 404 and answer.code not in (None, "not_found")
