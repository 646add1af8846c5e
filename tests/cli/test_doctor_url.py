"""`gatewright doctor URL`: servers that each have one fault, which it finds and names, and one that has none."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewright import Gatewright, Settings, cli
from gatewright.cli import probes
from gatewright.cli.probes import guessing, site, transport
from gatewright.core.passwords.hasher import PasswordHasher, Verified
from gatewright.server import create
from tests.cli.conftest import free_port
from tests.cli.deployed import Fault, deployed, instead, production
from tests.cli.faults import BAD, dropping
from tests.smtp import mail_server

CHECKS = list(probes.PROBES)
FEW_TRIES = {"address_failures_per_minute": 3}
PASSWORD = "a passphrase of somebody"


@dataclass(frozen=True)
class Run:
    """How the command ended."""

    status: int
    out: str
    err: str

    @property
    def problems(self) -> dict[str, str]:
        """What has to be fixed, by the check that found it."""
        found: dict[str, str] = {}
        for finding in json.loads(self.out):
            if finding["status"] != "ok":
                found[finding["check"]] = f"{found.get(finding['check'], '')}{finding['message']}\n"
        assert self.err == ""
        assert self.status == (1 if found else 0)
        return found

    def refused(self, status: int) -> str:
        """Why it was not done, in a line."""
        assert (self.status, self.out, self.err.count("\n")) == (status, "", 1)
        return self.err


Runs = Callable[..., Run]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runs:
    """Runs the command in this process."""

    def run(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["gatewright", "doctor", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Run(int(str(ended.value.code)), printed.out, printed.err)

    return run


@pytest.fixture
def database_url(sqlite_template_copy: Path) -> str:
    """A database with nobody in it."""
    return f"sqlite:///{sqlite_template_copy}"


def service(settings: Settings) -> ASGIApp:
    return create(Gatewright(settings))


def noting(asked: list[str]) -> Fault:
    """No fault: it keeps what was asked."""

    async def note(scope: Scope, receive: Receive, send: Send) -> bool:
        asked.append(f"{scope['method']} {scope['path']}")
        return False

    return instead(note)


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_nothing_is_found_in_a_good_server(run: Runs, sqlite_template_copy: Path, prefix: str) -> None:
    """Every probe says so in a line; no account was made, and no mail was sent."""
    asked: list[str] = []
    with mail_server() as mails:
        settings = production(f"sqlite:///{sqlite_template_copy}", api_prefix=prefix, mail_url=mails.url)
        with deployed(noting(asked)(service(settings))) as url:
            ended = run(url + prefix)

    assert (ended.status, ended.err) == (0, ""), ended.out
    assert [line.split()[:2] for line in ended.out.splitlines()] == [["ok", check] for check in CHECKS]
    # All but the certificate, which this server has not.
    assert ended.out.count("not looked at") == 1
    assert mails.tried == 0
    assert len(asked) < 150
    assert not any(name in each for each in asked for name in ("register", "token", "DELETE"))
    with sqlite3.connect(sqlite_template_copy) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


@pytest.mark.parametrize("name", BAD)
def test_a_planted_fault_is_found(run: Runs, database_url: str, name: str) -> None:
    """The probe that is meant for it names it, and no other complains."""
    bad = BAD[name]
    auth = Gatewright(production(database_url, login=FEW_TRIES, **bad.settings))
    with deployed(bad.fault(auth.create_app(**bad.app)), **bad.options) as url:
        ended = run(url, "--json")

    assert list(ended.problems) == [bad.check]
    assert bad.says in ended.problems[bad.check]
    assert "a-private-number" not in ended.out


@asynccontextmanager
async def behind_tls(app: ASGIApp, in_clear: ASGIApp) -> AsyncIterator[httpx2.AsyncClient]:
    """A client for which auth.example.com has *app* behind its certificate, and the other on port 80."""
    transport, plain = httpx2.ASGITransport(app), httpx2.ASGITransport(in_clear)
    async with httpx2.AsyncClient(transport=transport, mounts={"http://": plain}) as client:
        yield client


async def examined(database_url: str, fault: Fault, in_clear: ASGIApp, monkeypatch: pytest.MonkeyPatch) -> Run:
    auth = Gatewright(production(database_url))
    app = create(auth)
    monkeypatch.setattr(probes, "open_client", lambda _ca: behind_tls(fault(app), in_clear))
    async with auth.lifespan(None):
        findings = await probes.examine("https://auth.example.com")
    ok = all(finding.is_ok for finding in findings)
    return Run(0 if ok else 1, json.dumps([finding.body for finding in findings]), "")


async def test_a_server_behind_tls_is_looked_at_for_it(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of HSTS, and nothing in clear but the way to https."""
    redirect = RedirectResponse("https://auth.example.com/auth/login", status_code=308)
    assert (await examined(database_url, lambda app: app, redirect, monkeypatch)).problems == {}

    no_hsts, in_clear = dropping(b"strict-transport-security"), PlainTextResponse("welcome")
    found = (await examined(database_url, no_hsts, in_clear, monkeypatch)).problems
    assert set(found) == {"https", "headers"}
    assert "http://auth.example.com/auth/login answers in clear (status 200)" in found["https"]
    assert "Strict-Transport-Security is missing" in found["headers"]


async def test_plain_http_elsewhere_is_a_fault() -> None:
    """Only on one's own machine does nobody read along."""
    async with site.open_client() as client:
        problems = await transport.https(site.Site("http://auth.example.com", client))
        assert isinstance(problems, list)
        assert "http://auth.example.com is plain http" in problems[0]
        assert isinstance(await transport.https(site.Site("http://[::1]:3000", client)), str)


def with_account(url: str) -> str:
    """Create an account as its owner would; its address."""
    body = {"email": "ada@example.com", "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}
    assert httpx2.post(f"{url}/auth/register", json=body).status_code == 201
    return "ada@example.com"


def test_a_known_account_is_compared(run: Runs, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alike in everything; its address is not shown, and its owner can still sign in."""
    monkeypatch.setattr(guessing, "_REVEALING_SECONDS", 60.0)
    with deployed(service(production(database_url))) as url:
        email = with_account(url)
        ended = run(url, "--known", email)
        assert ended.status == 0, ended.out
        assert "addresses with and without an account get the same answers" in ended.out
        assert email not in ended.out
    with deployed(service(production(database_url, trusted_proxies=["127.0.0.1"]))) as url:
        elsewhere, body = {"X-Forwarded-For": "192.0.2.9"}, {"email": email, "password": PASSWORD}
        assert httpx2.post(f"{url}/auth/login", json=body, headers=elsewhere).status_code == 200


def test_an_account_that_is_told_by_time_is_found(
    run: Runs, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no hash is spent on unknown addresses."""
    verify = PasswordHasher.verify

    async def hurry(hasher: PasswordHasher, password: str, stored: str | None, **options: bool) -> Verified:
        return Verified(right=False) if stored is None else await verify(hasher, password, stored, **options)

    monkeypatch.setattr(PasswordHasher, "verify", hurry)
    settings = production(database_url, argon2={"memory_kib": 65_536, "iterations": 4})
    with deployed(service(settings)) as url:
        found = run(url, "--json", "--known", with_account(url)).problems
    assert set(found) == {"accounts"}
    assert "ms for an account and" in found["accounts"]


async def reveal_at_login(scope: Scope, receive: Receive, send: Send) -> bool:
    """A login that knows no address at all."""
    is_login = (scope["method"], scope["path"]) == ("POST", "/auth/login")
    if is_login:
        await JSONResponse({"code": "user_not_found"}, status_code=404)(scope, receive, send)
    return is_login


def test_a_login_that_tells_of_accounts_is_found(run: Runs, database_url: str) -> None:
    """By its status, without an account to compare with."""
    with deployed(instead(reveal_at_login)(service(production(database_url)))) as url:
        found = run(url, "--json").problems
    assert "reveals that an address has no account (status 404, user_not_found)" in found["accounts"]


async def reach_into_the_terminal(scope: Scope, receive: Receive, send: Send) -> bool:
    """Keys whose names a terminal would take for commands."""
    is_asked = bool(scope["path"] == "/.well-known/jwks.json")
    if is_asked:
        await JSONResponse({"keys": [{"kid": "\x1b]0;mine\x07\nok       keys", "alg": "none"}]})(scope, receive, send)
    return is_asked


def test_what_a_server_says_stays_text(run: Runs, database_url: str) -> None:
    """No command for the terminal, and no line that looks like one of ours."""
    with deployed(instead(reach_into_the_terminal)(service(production(database_url, login=FEW_TRIES)))) as url:
        ended = run(url)
    assert ended.status == 1
    assert "\x1b" not in ended.out
    assert not any(line.startswith("ok       keys") for line in ended.out.splitlines())


def test_a_second_look_waits_for_the_limits(run: Runs, database_url: str) -> None:
    """What the limits of the first hide is said, and is no fault."""
    with deployed(service(production(database_url, login=FEW_TRIES))) as url:
        assert run(url).status == 0
        ended = run(url)
    assert ended.status == 0, ended.out
    assert "the server's limits hold for this machine. Try again in a minute" in ended.out


def test_where_nothing_listens_is_said(run: Runs) -> None:
    """In a line, with exit status 1."""
    port = free_port()
    assert f"http://127.0.0.1:{port} cannot be reached" in run(f"http://127.0.0.1:{port}").refused(1)


def test_another_server_is_not_ours(run: Runs) -> None:
    """Nothing is tried on it but the first request."""
    asked: list[str] = []
    with deployed(noting(asked)(PlainTextResponse("hello")), lifespan="off") as url:
        assert "/auth/login is not Gatewright's login (status 200)" in run(url).refused(1)
    assert asked == ["GET /auth/login"]


def test_a_redirect_is_not_followed(run: Runs) -> None:
    """Where it leads to is said, as text."""
    with deployed(RedirectResponse("https://auth.example.com/x"), lifespan="off") as url:
        assert "redirects to https://auth.example.com/x. Check that address instead." in run(url).refused(1)


@pytest.mark.parametrize(
    "url",
    [
        "auth.example.com",
        "ftp://auth.example.com",
        "https://",
        "https://a:pa55@b.example",
        "https://b.example?x",
        "http://[",
        "http://b.example:99999",
    ],
)
def test_what_is_no_address_is_wrong_use(run: Runs, url: str) -> None:
    """Exit status 2, without repeating what may be a password."""
    assert "pa55" not in run(url).refused(2)


def test_an_account_alone_is_wrong_use(run: Runs) -> None:
    """There has to be a server that may know it."""
    assert "--known needs the URL of a server" in run("--known", "ada@example.com").refused(2)


def test_a_missing_client_is_named(run: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that brings it."""
    monkeypatch.setattr(cli.doctor, "find_spec", lambda _name: None)
    assert "pip install 'gatewright[doctor]'" in run("https://auth.example.com").refused(1)
