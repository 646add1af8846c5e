"""The table of settings, and the promise that every one is in it."""

from __future__ import annotations

from gatewright.settings import Row, describe
from tests.settings.sample import Settings

# Every name that spec/operations.md lists; none is renamed from now on.
CONTRACT = """
    DATABASE_URL REDIS_URL SECRET PUBLIC_URL MAIL_URL MAIL_FROM MAIL_LINK_BASE ENVIRONMENT API_PREFIX ISSUER AUDIENCE
    SIGNING_ALGORITHM ACCESS_TOKEN_TTL REFRESH_TOKEN_TTL SESSION_MAX_AGE REFRESH_GRACE RECENT_AUTH ACCESS_CHECK
    PASSWORD_MIN_LENGTH PASSWORD_MAX_LENGTH REGISTRATION REQUIRE_VERIFIED_EMAIL CORS_ORIGINS REDIRECT_URLS
    TRUSTED_PROXIES RATE_LIMIT_ENABLED AUTO_MIGRATE HASH_QUEUE_MS MFA_REQUIRED_ROLES STUDIO MIGRATION_DATABASE_URL
    ROLES__NAME__PERMISSIONS CLIENTS__NAME__SECRET
"""


def rows() -> dict[str, Row]:
    return {row.name: row for row in describe(Settings)}


def test_every_setting_of_the_contract_is_known() -> None:
    """By exactly that name."""
    variables = {row.variable for row in rows().values()}
    assert variables >= {f"GATEWRIGHT_{name}" for name in CONTRACT.split()}


def test_every_setting_has_a_description_that_is_a_sentence() -> None:
    """The reference page is made of them."""
    for row in rows().values():
        assert row.description[:1].isupper() or row.description.startswith("`"), row.name
        assert row.description.endswith("."), row.name


def test_a_row_says_how_a_setting_is_written() -> None:
    """Name, variable, type, default and section, as a user meets them."""
    table = rows()
    assert table["login.window"] == Row(
        name="login.window",
        variable="GATEWRIGHT_LOGIN__WINDOW",
        type="duration",
        default="1m",
        description="How long failures count.",
        section="login",
    )
    shown = {name: (row.type, row.default) for name, row in table.items()}
    assert shown["secret"] == ("list of secret", "")
    assert shown["database_url"] == ("secret", "sqlite:///gatewright.db")
    assert shown["trusted_proxies"] == ("list of network or `unix`", "")
    assert shown["auto_migrate"] == ("yes or no", "")
    assert shown["rate_limit_enabled"] == ("yes or no", "true")
    assert shown["access_check"] == ("`revocation` or `strict`", "revocation")
    assert shown["login.google.client_secret"] == ("secret", "")
    assert table["roles.NAME.permissions"].section == "roles.NAME"
