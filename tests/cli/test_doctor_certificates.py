"""`gatewright doctor URL` and certificates: one that is not accepted is named, and an authority may be added."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from tests.certificates import Authority
from tests.cli.deployed import deployed
from tests.cli.test_doctor_url import Run, Runs, run

__all__ = ["run"]

NOT_HERE = PlainTextResponse("not here", status_code=404)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def ask(run: Runs, authority: Authority) -> Callable[..., Run]:
    """Looks at a server with a certificate of the authority's, which answers 404 to everything."""

    def ask(*options: str, name: str = "localhost", is_expired: bool = False, is_self_signed: bool = False) -> Run:
        made = authority.certificate(name, is_expired=is_expired, is_self_signed=is_self_signed)
        tls = {"ssl_certfile": str(made.file), "ssl_keyfile": str(made.key_file)}
        with deployed(NOT_HERE, lifespan="off", **tls) as url:
            return run(url.replace("http://127.0.0.1", "https://localhost"), *options)

    return ask


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({}, "unable to get local issuer certificate. Serve it with its intermediate certificates"),
        ({"is_self_signed": True}, "self-signed certificate. Serve it with its intermediate certificates"),
        ({"is_expired": True, "ca": True}, "certificate has expired. Renew it"),
        ({"name": "other.example", "ca": True}, "not valid for 'localhost'. Serve a certificate for the name"),
    ],
    ids=["unknown issuer", "self-signed", "expired", "another name"],
)
def test_a_certificate_that_is_not_accepted_is_named_as_one(
    ask: Callable[..., Run], authority: Authority, fault: dict[str, object], says: str
) -> None:
    """With OpenSSL's reason and what helps, and not as a server that cannot be reached."""
    fault = dict(fault)
    options = ["--ca", str(authority.file)] if fault.pop("ca", False) else []
    message = ask(*options, **fault).refused(1)
    assert "has a certificate that is not accepted: " in message
    assert says in message
    assert "cannot be reached" not in message


def test_an_authority_of_ones_own_is_added(ask: Callable[..., Run], authority: Authority) -> None:
    """What is behind the certificate is looked at then."""
    assert "not Gatewright's login (status 404)" in ask("--ca", str(authority.file)).refused(1)


def test_a_server_without_tls_is_named(run: Runs) -> None:
    """Asked by https."""
    with deployed(NOT_HERE, lifespan="off") as url:
        assert "does not speak TLS" in run(url.replace("http:", "https:")).refused(1)


def test_a_file_without_certificates_is_wrong_use(run: Runs, tmp_path: Path) -> None:
    """One that is missing, one that holds something else, and an option without a server."""
    (tmp_path / "empty.pem").write_text("nothing")
    for name, says in (("missing.pem", "cannot be read"), ("empty.pem", "holds no certificate")):
        assert says in run("https://localhost:1", "--ca", str(tmp_path / name)).refused(2)
    assert "--ca needs the URL of a server" in run("--ca", str(tmp_path / "empty.pem")).refused(2)
