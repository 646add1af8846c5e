"""Clients of an app under test."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from gatewright import roles
from gatewright.addresses import address_key, parse_address
from gatewright.app import Gatewright
from gatewright.features.admin import service as admin
from gatewright.testing.columns import row_values

PASSWORD = "a passphrase for tests"  # noqa: S105 (of accounts that live for one test)


class SignedInClient(TestClient):
    """A client that sends a user's access token with every request.

    Attributes:
        user: The user, as the login answered.
        tokens: The tokens of the login: `accessToken`, `refreshToken` and so on.
    """

    def __init__(self, client: TestClient, auth_response: dict[str, Any]) -> None:
        super().__init__(client.app)
        # The running app's event loop, which its database connections belong to.
        self.portal = client.portal
        self.user: dict[str, Any] = auth_response["user"]
        self.tokens = {name: value for name, value in auth_response.items() if name != "user"}
        self.headers["Authorization"] = f"Bearer {self.tokens['accessToken']}"


class AsUser:
    """Makes users, and clients that are signed in as them: `as_user(role="ADMIN", company="ACME")`.

    Attributes:
        client: A client of the running app that is signed in as no user.
        auth: The app's `Gatewright`.
    """

    def __init__(self, client: TestClient, auth: Gatewright) -> None:
        self.client = client
        self.auth = auth

    def __call__(
        self,
        *,
        role: str = roles.USER,
        email: str | None = None,
        first_name: str = "Test",
        last_name: str = "User",
        verified: bool = True,
        **columns: Any,
    ) -> SignedInClient:
        """A client that is signed in as a new user.

        Args:
            role: USER, ADMIN, or a role of the settings.
            email: A made-up address when left out.
            first_name: Taken as it is.
            last_name: Taken as it is.
            verified: Whether the address counts as verified.
            columns: Values of the columns that the design adds to `User`, by their names: `company="ACME"`, also of
                those that no client may set. One that needs a value and gets none has a made-up one.

        Raises:
            TypeError: The design has no such column, or the column does not take the value.
        """
        address = email or f"{secrets.token_hex(6)}@example.com"
        own = row_values(self.auth.design, columns)
        self._run(
            lambda: admin.create(
                self.auth.context(),
                email=parse_address(address),
                password_text=PASSWORD,
                first_name=first_name,
                last_name=last_name,
                role=role,
                verified=verified,
                own=own,
            )
        )
        return SignedInClient(self.client, self._log_in(address))

    def _log_in(self, address: str) -> dict[str, Any]:
        # From a device that the account knows: no test is to find a mail about a new one that it has not caused.
        device_token = self.auth.kernel.device_tokens.issue(address_key(address), self.auth.clock.now())
        answer = self.client.post(
            f"{self.auth.settings.api_prefix}/auth/login",
            json={"email": address, "password": PASSWORD, "deviceToken": device_token},
        )
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _run(self, make: Callable[[], Any]) -> Any:
        portal = self.client.portal
        assert portal is not None, "the client's app is not running"
        return portal.call(make)
