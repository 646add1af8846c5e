"""Mails through a Postfix as Debian installs it, whose certificate it made itself."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import PRODUCTION, Shell, until
from tests.services import postfix
from tests.services.postfix import Postfix

pytestmark = [pytest.mark.extra, pytest.mark.xdist_group("postfix")]

TLS = "TLS connection established from"


def in_production(shell: Shell, server: Postfix) -> None:
    """Take the settings of a deployment whose mails leave by *server*."""
    shell.settings |= {
        **PRODUCTION,
        "GATEWRIGHT_ENVIRONMENT": "production",
        "GATEWRIGHT_ARGON2__ITERATIONS": "5",
        "GATEWRIGHT_MAIL_URL": server.url,
    }


def register(url: str, *emails: str) -> None:
    for email in emails:
        body = {"email": email, "password": "a postman's passphrase", "firstName": "Ada", "lastName": "User"}
        answer = httpx2.post(f"{url}/auth/register", json=body, timeout=60)
        assert answer.status_code == 201, answer.text


def test_mails_of_production_arrive_encrypted_by_a_certificate_that_nobody_signed(
    postfix_path: Path, sqlite_shell: Shell
) -> None:
    """Of a domain beyond ASCII in its ASCII form, and of such a local part as it is."""
    with postfix.started(postfix_path) as server:
        in_production(sqlite_shell, server)
        with sqlite_shell.serving() as app:
            register(app.url, "ada@example.com", "bob@bücher.example", "jörg@bücher.example")
            until(lambda: len(server.mails()) == 3, what="three mails")
        mails = server.mails()
        log = server.log
    ways = {address: str(mail["Received"]).partition(" with ")[2].split()[0] for address, mail in mails.items()}
    assert ways == {
        "ada@example.com": "ESMTPS",
        "bob@xn--bcher-kva.example": "ESMTPS",
        "jörg@xn--bcher-kva.example": "UTF8SMTPS",
    }
    assert [str(mail["To"]) for mail in mails.values()] == list(mails)
    assert log.count(TLS) == 3


def test_a_postfix_without_smtputf8_gets_every_mail_that_it_can_take(postfix_path: Path, sqlite_shell: Shell) -> None:
    """What it cannot take is given up at once, and never offered to it."""
    with postfix.started(postfix_path, smtputf8_enable="no") as server:
        in_production(sqlite_shell, server)
        with sqlite_shell.serving() as app:
            register(app.url, "jörg@bücher.example")
            until(lambda: "A mail is given up: the mail server lacks SMTPUTF8" in app.err, what="the refusal")
            register(app.url, "bob@bücher.example")
            until(server.mails, what="a mail")
            assert "cannot send a mail" not in app.err
        assert list(server.mails()) == ["bob@xn--bcher-kva.example"]
        assert server.log.count("from=<") == 1


def test_doctor_finds_that_mails_would_leave(postfix_path: Path, sqlite_shell: Shell) -> None:
    """By the same connection, without a mail."""
    with postfix.started(postfix_path) as server:
        in_production(sqlite_shell, server)
        findings = json.loads(sqlite_shell.run("doctor", "--json").out)
        assert TLS in server.log
        assert server.mails() == {}
        assert "from=<" not in server.log
    (mail,) = (each for each in findings if each["check"] == "mail")
    assert mail["status"] == "ok"
