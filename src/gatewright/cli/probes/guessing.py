"""Whether accounts can be found out and passwords guessed. Wrong passwords are tried, few of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from gatewright.cli.probes.site import Answer, Result, Site, unused_address

# Each counts as a failed login, and an account has five before it is delayed.
_TRIES = 4
_REVEALING_SECONDS = 0.01
_COMPARED_HEADERS = ("content-type", "www-authenticate", "cache-control", "content-length")
_TRIES_OF_ONE_ACCOUNT = 6
_MOST_TRIES = 14
_CLIENT_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP")
# A limit that recovers lets one try through now and then: two in a row are no accident.
_ROUNDS = 2
_MOST_TRIES_TO_MEET_A_LIMIT = 12


async def accounts(site: Site) -> Result:
    """Whether answers reveal which addresses have an account, by what they hold or by their time."""
    problems = []
    for path in ("/auth/password/forgot", "/auth/verify-email/resend"):
        answer = await site.ask("POST", site.call(path), body={"email": unused_address()})
        is_revealing = answer.status == 404 and answer.code not in (None, "not_found")
        if is_revealing or answer.status not in (202, 404, 405, 429):
            problems.append(f"{answer.asked} reveals that an address has no account (status {answer.status}).")
    unused = unused_address()
    first = await site.log_in(unused)
    if first.status == 429:
        return problems or "not looked at: the server's limits hold for this machine. Try again in a minute"
    if first.status != 401 or first.code not in (None, "invalid_credentials"):
        answered = f"status {first.status}, {first.code}"
        problems.append(f"{first.asked} reveals that an address has no account ({answered}).")
    if site.known is None:
        return problems or (
            "an address without an account cannot be recognised; --known EMAIL compares it with one that has"
        )
    problems += await _compare(site, site.known, unused)
    return problems or "addresses with and without an account get the same answers"


async def _compare(site: Site, known: str, unused: str) -> list[str]:
    with_account: list[Answer] = []
    without: list[Answer] = []
    # In turns, so that delays on the way affect both.
    for _ in range(_TRIES):
        with_account.append(await site.log_in(known))
        without.append(await site.log_in(unused))
    if any(answer.status == 429 for answer in (*without, *with_account)):
        return ["Limits refused to compare a known address with an unknown one. Try again in a minute."]
    if {_comparable(answer) for answer in without} != {_comparable(answer) for answer in with_account}:
        return [f"{without[0].asked} answers a wrong password differently for an account than for none."]
    return _compare_times(with_account, without)


def _compare_times(with_account: list[Answer], without: list[Answer]) -> list[str]:
    """A problem where every answer for the one address came well after every answer for the other."""
    some, none = sorted(answer.seconds for answer in with_account), sorted(answer.seconds for answer in without)
    if max(some[0] - none[-1], none[0] - some[-1]) < _REVEALING_SECONDS:
        return []
    return [
        f"{without[0].asked} takes {some[0] * 1000:.0f} ms for an account and {none[0] * 1000:.0f} ms for none, which "
        "reveals the account. Imported hashes do that until their first login; gatewright doctor, on the machine, "
        "counts them."
    ]


def _comparable(answer: Answer) -> tuple[object, ...]:
    body = answer.json
    content = (
        {key: value for key, value in body.items() if key != "requestId"} if isinstance(body, dict) else answer.text
    )
    return answer.status, str(content), *(answer.headers.get(name) for name in _COMPARED_HEADERS)


async def limits(site: Site) -> Result:
    """Whether wrong passwords, for addresses without an account, meet a limit."""
    account = unused_address()
    for number in range(_MOST_TRIES):
        # The first for one account, the others for one each: there is a limit for both.
        answer = await site.log_in(account if number < _TRIES_OF_ONE_ACCOUNT else unused_address())
        if _is_limited(answer):
            if answer.status == 429 and "retry-after" not in answer.headers:
                return ["A limit does not say when to try again. Let the proxy send Retry-After."]
            return "guessing passwords is stopped"
    return [
        f"{_MOST_TRIES} wrong passwords in a row were checked. Leave GATEWRIGHT_RATE_LIMIT_ENABLED on, or let the "
        f"proxy limit {site.call('/auth/login')}."
    ]


async def forwarded(site: Site) -> Result:
    """Whether a client can claim another address by headers that only a proxy may write (RFC 7239 section 8.1)."""
    if not await _meet_limit(site):
        return "not looked at: no limit for this machine's address was met"
    believed = []
    if await _escapes(site, _CLIENT_HEADERS):
        believed = [name for name in _CLIENT_HEADERS if await _escapes(site, [name])] or ["forwarded headers"]
    return [
        f"{name} is believed from any client, so that attackers choose the address that limits and the audit log use. "
        "Name only your proxies in GATEWRIGHT_TRUSTED_PROXIES, start uvicorn with --no-proxy-headers, and let the "
        "proxy replace the header."
        for name in believed
    ] or "claiming another address gets no more tries"


async def _escapes(site: Site, names: Sequence[str]) -> bool:
    for _ in range(_ROUNDS):
        if not await _meet_limit(site):
            return False
        if _is_limited(await site.log_in(unused_address(), headers=_claim(names))):
            return False
    return await _meet_limit(site)


async def _meet_limit(site: Site) -> bool:
    """Whether the first try for an account is refused because of the client's address."""
    for _ in range(_MOST_TRIES_TO_MEET_A_LIMIT):
        if _is_limited(await site.log_in(unused_address())):
            return True
    return False


def _claim(names: Sequence[str]) -> dict[str, str]:
    # Addresses for documentation (RFC 5737).
    address = f"203.0.113.{secrets.randbelow(254) + 1}"
    return {name: f"for={address}" if name == "Forwarded" else address for name in names}


def _is_limited(answer: Answer) -> bool:
    """Whether a limit has answered: the server's, or that of a proxy before it."""
    return answer.status in (403, 429)
