"""`gatewright serve`: a server as it is started, used and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from base64 import urlsafe_b64decode
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx2
import pytest

from gatewright import Gatewright
from gatewright.cli.greeting import network_warning
from gatewright.migrations.histories import KERNEL
from tests.cli.conftest import PRODUCTION, Server, Shell, make_empty, until

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
EVERYWHERE = "0.0.0.0"  # noqa: S104 (what the warning is about)
REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}


def register(server: Server) -> str:
    """The access token of a new account."""
    answer = httpx2.post(server.url + "/auth/register", json=REGISTRATION, timeout=30)
    assert answer.status_code == 201
    return str(answer.json()["accessToken"])


def status_of(url: str, token: str) -> int:
    return httpx2.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code


# Refusals: one line, status 1, and nothing has started.


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_named_with_another(sqlite_shell: Shell, workers: str) -> None:
    """The line can be copied from."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = sqlite_shell.run("serve", "--port", str(port), "--workers", workers).refused()
    assert message == f"Port {port} is in use. Stop the program that uses it, or choose another port: --port {port + 1}"


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "not a host", "a" * 70])
def test_a_host_that_is_not_here_is_refused(shell: Shell, host: str) -> None:
    """192.0.2.1 is nobody's (RFC 5737), and .invalid names nothing (RFC 2606)."""
    message = shell.run("serve", "--host", host, "--port", "0").refused()
    assert message == f"{host!r} is not an address of this machine. Choose one that is, such as --host 127.0.0.1"


def test_a_missing_secret_stops_production(shell: Shell) -> None:
    """The line says how to make one, and how to say that this is no production."""
    shell.settings = {name: value for name, value in PRODUCTION.items() if name != "GATEWRIGHT_SECRET"}
    ended = shell.run("serve", "--port", "0")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("error: GATEWRIGHT_SECRET is missing. Set it to 32 random bytes or more")
    assert "GATEWRIGHT_ENVIRONMENT=development" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port = [", "gatewright.toml: "),
        ('regstration = "closed"', "did you mean registration?"),
        ('access_token_ttl = "never"', "gatewright.toml: access_token_ttl: should be whole seconds"),
        ('studio = "admin"', "GATEWRIGHT_STUDIO is not built yet."),
    ],
)
def test_settings_that_do_not_fit_are_named(shell: Shell, text: str, says: str) -> None:
    """As they are spelled in the file."""
    (shell.folder / "gatewright.toml").write_text(text)
    assert says in shell.run("serve", "--port", "0").refused()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stale_schema_names_the_command(shell: Shell, database_url: str, workers: str) -> None:
    """Before any worker has started."""
    shell.settings = {**PRODUCTION, "DATABASE_URL": database_url}
    make_empty(database_url)
    message = shell.run("serve", "--port", "0", "--workers", workers).refused()
    assert message.startswith(f"The database is not up to date (kernel: at nothing, needs {KERNEL.head}")
    assert message.endswith("Run: gatewright migrate apply")


def test_a_missing_database_names_the_command(shell: Shell) -> None:
    """A wrong path makes no new database."""
    shell.settings = PRODUCTION
    message = shell.run("serve", "--port", "0").refused()
    assert message == f"The database {shell.folder / 'gatewright.db'} does not exist yet. Run: gatewright migrate apply"
    assert not (shell.folder / "gatewright.db").exists()


def test_a_file_that_is_no_database_is_refused(shell: Shell) -> None:
    """It is somebody's file, and stays as it is."""
    file = shell.folder / "gatewright.db"
    file.write_bytes(b"a diary, not a database" * 100)
    assert "file is not a database" in shell.run("serve", "--port", "0", "--migrate").refused()
    assert file.read_bytes() == b"a diary, not a database" * 100


@only_linux
def test_a_folder_that_cannot_be_written_to_is_refused(shell: Shell) -> None:
    """/proc is such a folder even for root."""
    message = shell.run("serve", "--port", "0", cwd="/proc").refused()
    assert message.startswith("DATABASE_URL: the SQLite file /proc/gatewright.db")

    del shell.settings["GATEWRIGHT_SECRET"]
    message = shell.run("serve", "--port", "0", cwd="/proc").refused()
    assert message.startswith("/proc/.gatewright/secret cannot be written")


def test_a_postgresql_that_is_not_there_is_refused(shell: Shell) -> None:
    """Without showing the password."""
    shell.settings["DATABASE_URL"] = "postgresql://ada:pa55word@127.0.0.1:1/none"
    for options in ([], ["--migrate"]):
        message = shell.run("serve", "--port", "0", *options).refused()
        assert message.startswith("DATABASE_URL: PostgreSQL does not answer")
        assert "pa55word" not in message


def test_debug_shows_where_an_error_comes_from(shell: Shell) -> None:
    """Also behind the command. Without it there is no traceback (the tests above)."""
    (shell.folder / "gatewright.toml").write_text("port = [")
    ended = shell.run("serve", "--port", "0", "--debug")
    assert ended.status == 1
    assert "Traceback" in ended.err
    assert ended.err.splitlines()[-1].startswith("error: gatewright.toml")


# Serving.


def test_what_is_printed_can_be_pasted(shell: Shell) -> None:
    """In development: the docs page, and the tutorial's three calls, which work as they stand in a fresh folder."""
    with shell.serving("--migrate") as server:
        assert f"serves {server.url}." in server.out
        assert f"{server.url}/docs" in server.out
        assert server.answers("/docs")
        calls = server.out.partition("Try it:")[2]
        done = subprocess.run(["sh"], input=calls, capture_output=True, text=True, check=True, timeout=60)

    registered, profile = (json.loads(line) for line in done.stdout.replace("}{", "}\n{").splitlines())
    assert registered["user"]["email"] == profile["email"] == "user@example.com"
    assert '"accessToken"' in done.stderr
    others = [line for line in server.err.splitlines() if " gatewright.audit: " not in line]
    assert [line.partition(" ")[0] for line in others] in ([], ["Mail"]), others


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_stops_the_server(sqlite_shell: Shell, how: signal.Signals, workers: str) -> None:
    """One is enough, nothing is left running, and it is no failure."""
    with sqlite_shell.serving("--workers", workers) as server:
        assert server.stop(how) == 0
        assert "Traceback" not in server.err
        assert not server.answers()


def test_production_says_what_is_missing_once(sqlite_shell: Shell) -> None:
    """Not once for each worker; and it prints nothing to try."""
    off = {"GATEWRIGHT_RATE_LIMIT_ENABLED": "false"}
    sqlite_shell.settings = {**PRODUCTION, **off, "DATABASE_URL": sqlite_shell.settings["DATABASE_URL"]}
    with sqlite_shell.serving("--workers", "2") as server:
        assert server.out == f"Gatewright 0.1.0 serves {server.url} with 2 workers. Stop it with Ctrl-C.\n"
        assert server.err.count("GATEWRIGHT_RATE_LIMIT_ENABLED is off") == 1
        assert not server.answers("/docs")


def test_the_answers_do_not_name_the_server_software(sqlite_shell: Shell) -> None:
    """Nor do they tell its version."""
    with sqlite_shell.serving() as server:
        assert "server" not in httpx2.get(server.url + "/health/live").headers


def test_workers_know_the_port(sqlite_shell: Shell) -> None:
    """In development the tokens are issued for the address at which the server is found."""
    with sqlite_shell.serving("--workers", "2") as server:
        payload = register(server).split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert claims["iss"] == claims["aud"] == server.url


@pytest.mark.both_databases
def test_what_an_administrator_does_counts_on_running_workers(ready_shell: Shell) -> None:
    """A role that was given on the command line opens the admin route for the token that is out already."""
    with ready_shell.serving("--workers", "2") as server:
        token = register(server)
        assert status_of(server.url + "/users/admin", token) == 403

        assert ready_shell.run("user", "set-role", "user@example.com", "ADMIN").status == 0
        until(lambda: status_of(server.url + "/users/admin", token) == 200, what="the new role")

        assert "ended 1 session" in ready_shell.run("user", "disable", "user@example.com").out
        until(lambda: status_of(server.url + "/users/profile", token) == 401, what="the end of the session")


@only_linux
def test_a_killed_worker_is_replaced(sqlite_shell: Shell) -> None:
    """The other one answers meanwhile, and the log says what happened."""
    with sqlite_shell.serving("--workers", "2") as server:
        until(lambda: len(server.workers()) == 2, what="both workers")
        killed, other = server.workers()

        os.kill(killed, signal.SIGKILL)
        until(lambda: server.answers() and len(set(server.workers()) - {killed}) == 2, what="another worker")

        assert other in server.workers()
        assert f"Worker {killed} exited with status -9; a new one replaces it" in server.err


@only_linux
def test_workers_that_cannot_start_do_not_stop_the_server(sqlite_shell: Shell) -> None:
    """While the database is away the supervisor goes on trying, and it finds the database again."""
    file = Path(sqlite_shell.settings["DATABASE_URL"].removeprefix("sqlite:///"))
    with sqlite_shell.serving("--workers", "2") as server:
        until(lambda: len(server.workers()) == 2, what="both workers")
        away = {each: each.with_name(each.name + ".away") for each in file.parent.glob(file.name + "*")}
        for here, there in away.items():
            here.rename(there)
        file.write_bytes(b"no database " * 100)
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        until(lambda: server.err.count("A worker cannot start: DATABASE_URL") > 2, what="a second round of attempts")
        assert server.process.poll() is None

        for here, there in away.items():
            there.rename(here)
        until(lambda: server.answers("/health/ready"), what="an answer of a new worker")


@only_linux
def test_a_server_whose_workers_cannot_start_can_be_stopped(sqlite_shell: Shell) -> None:
    """The supervisor does not wait for a sign of life from a worker that has none."""
    file = Path(sqlite_shell.settings["DATABASE_URL"].removeprefix("sqlite:///"))
    with sqlite_shell.serving("--workers", "2") as server:
        until(lambda: len(server.workers()) == 2, what="both workers")
        file.write_bytes(b"no database " * 100)
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        until(lambda: "A worker cannot start: DATABASE_URL" in server.err, what="an attempt")
        assert server.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("host", "environment", "is_warned"),
    [
        (EVERYWHERE, "development", True),
        ("::", "development", True),
        ("192.0.2.7", "development", True),
        ("127.0.0.1", "development", False),
        ("127.9.9.9", "development", False),
        ("::1", "development", False),
        (EVERYWHERE, "production", False),
    ],
)
def test_a_developers_server_that_others_reach_is_warned_of(host: str, environment: str, is_warned: bool) -> None:
    """By the address that it listens on; production is meant to be reached."""
    auth = SimpleNamespace(settings=SimpleNamespace(in_development=environment == "development"))
    warning = network_warning(cast(Gatewright, auth), host)
    assert bool(warning) is is_warned
    assert not is_warned or ("Other machines can reach" in warning and "GATEWRIGHT_ENVIRONMENT" in warning)


def test_the_warning_is_printed_at_the_start(sqlite_shell: Shell) -> None:
    """`--host 0.0.0.0` on a developer's machine."""
    with sqlite_shell.serving("--host", EVERYWHERE) as server:
        assert "note: Other machines can reach this server" in server.err
