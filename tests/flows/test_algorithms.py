"""Access tokens under each signing algorithm."""

from __future__ import annotations

from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from gatewright import Gatewright
from tests.conftest import example_app, make_settings

REGISTRATION = {"email": "user@example.com", "password": "securepassword", "firstName": "John", "lastName": "Doe"}


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256", "HS256"])
@pytest.mark.filterwarnings("ignore:.*EdDSA.*")
def test_a_token_is_accepted_and_others_can_verify_it(sqlite_template_copy: Path, algorithm: str) -> None:
    """The profile opens; whoever has the published keys can verify too, except under HS256, which publishes none."""
    auth = Gatewright(make_settings(f"sqlite:///{sqlite_template_copy}", signing_algorithm=algorithm))
    with TestClient(example_app(auth)) as client:
        token = client.post("/auth/register", json=REGISTRATION).json()["accessToken"]
        assert client.get("/users/profile", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        published = client.get("/.well-known/jwks.json")
        assert published.headers["cache-control"] == "public, max-age=300"
        if algorithm == "HS256":
            assert published.json() == {"keys": []}
            return
        read = jwt.decode(token, KeySet.import_key_set(published.json()), algorithms=[algorithm])
        assert read.header["typ"] == "at+jwt"
        assert set(read.claims) == {
            *("iss", "aud", "sub", "client_id", "sid", "jti", "iat", "exp", "auth_time", "amr", "role")
        }


def test_another_algorithm_gets_a_key_of_its_own(sqlite_template_copy: Path) -> None:
    """Changing the setting makes a key for the new algorithm; tokens of the old one count no more."""
    url = f"sqlite:///{sqlite_template_copy}"
    with TestClient(example_app(Gatewright(make_settings(url)))) as client:
        old = client.post("/auth/register", json=REGISTRATION).json()
    with TestClient(example_app(Gatewright(make_settings(url, signing_algorithm="EdDSA")))) as client:
        refused = client.get("/users/profile", headers={"Authorization": f"Bearer {old['accessToken']}"})
        assert refused.status_code == 401
        renewed = client.post("/auth/refresh", json={"refreshToken": old["refreshToken"]})
        assert renewed.status_code == 200


def test_keys_sealed_under_a_lost_secret_stop_the_start(sqlite_template_copy: Path) -> None:
    """A changed secret is named as what is wrong, and nothing is thrown away; listed behind the new one, it works."""
    url = f"sqlite:///{sqlite_template_copy}"
    new = "quite another secret of tests: zyxwvutsrqponmlkjihgfedcba"
    with TestClient(example_app(Gatewright(make_settings(url)))) as client:
        tokens = client.post("/auth/register", json=REGISTRATION).json()
    with (
        pytest.raises(Exception, match="SECRET"),
        TestClient(example_app(Gatewright(make_settings(url, secret=new)))),
    ):
        pass
    both = [new, make_settings(url).secret[0].get_secret_value()]
    with TestClient(example_app(Gatewright(make_settings(url, secret=both)))) as client:
        assert client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]}).status_code == 200
        headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
        assert client.get("/users/profile", headers=headers).status_code == 200
