"""Which source wins, which names are known, and what a message says about the others."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from gatewright.errors import SetupError
from gatewright.settings import Argon2Settings, RoleSettings
from tests.settings.sample import LoginSettings, Settings


def refused() -> str:
    with pytest.raises(SetupError) as caught:
        Settings()
    return str(caught.value)


def url_of(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


def test_the_stronger_source_wins_for_each_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keyword over variable over .env over gatewright.toml over default."""
    four = ["issuer", "audience", "mail_from", "api_prefix"]
    folder.joinpath("gatewright.toml").write_text("".join(f'{name} = "/toml"\n' for name in four))
    folder.joinpath(".env").write_text("".join(f"GATEWRIGHT_{name.upper()}=dotenv@example.com\n" for name in four[:3]))
    for name in four[:2]:
        monkeypatch.setenv(f"GATEWRIGHT_{name.upper()}", "/environ")

    settings = Settings(issuer="/keyword")

    assert [getattr(settings, name) for name in four] == ["/keyword", "/environ", "dotenv@example.com", "/toml"]
    assert settings.hash_queue_ms == 2000


def test_a_section_is_put_together_from_several_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Giving one setting of a section leaves the others as another source has them."""
    folder.joinpath("gatewright.toml").write_text(
        '[login]\ntries = 7\nwindow = "2m"\n[login.google]\nclient_id = "toml"\n[argon2]\niterations = 4\n'
    )
    monkeypatch.setenv("GATEWRIGHT_LOGIN__WINDOW", "3m")
    monkeypatch.setenv("GATEWRIGHT_LOGIN__GOOGLE__CLIENT_SECRET", "hush")

    settings = Settings(login=LoginSettings(tries=9), argon2=Argon2Settings(parallelism=2))

    assert (settings.login.tries, settings.login.window) == (9, timedelta(minutes=3))
    assert settings.login.google is not None
    assert settings.login.google.client_id == "toml"
    assert settings.login.google.client_secret is not None
    assert (settings.argon2.iterations, settings.argon2.parallelism) == (4, 2)


def test_database_and_redis_count_without_the_prefix_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosting platforms set them; ours wins when both are there."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://platform/app")
    monkeypatch.setenv("REDIS_URL", "redis://platform")
    settings = Settings()
    assert url_of(settings) == "postgresql://platform/app"
    assert settings.redis_url is not None

    monkeypatch.setenv("GATEWRIGHT_DATABASE_URL", "postgresql://ours/app")
    assert url_of(Settings()) == "postgresql://ours/app"


def test_a_variable_without_prefix_wins_over_env_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source decides first, the prefix only inside one source."""
    folder.joinpath(".env").write_text("GATEWRIGHT_DATABASE_URL=postgresql://dotenv/app\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://platform/app")
    assert url_of(Settings()) == "postgresql://platform/app"


def test_an_empty_variable_counts_as_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and CI set variables to nothing when they mean none."""
    folder.joinpath(".env").write_text("GATEWRIGHT_ISSUER=dotenv\nGATEWRIGHT_AUDIENCE=\nGATEWRIGHT_MAIL_FROM\n")
    monkeypatch.setenv("GATEWRIGHT_ISSUER", "")
    monkeypatch.setenv("GATEWRIGHT_ACCESS_TOKEN_TTL", "")
    settings = Settings()
    assert (settings.issuer, settings.audience, settings.mail_from) == ("dotenv", None, None)
    assert settings.access_token_ttl == timedelta(minutes=15)


def test_other_names_in_the_environment_and_env_file_are_nobodys_business(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only names with our prefix are checked, and not those that Kubernetes gives for a service of our name."""
    folder.joinpath(".env").write_text("COMPOSE_PROJECT_NAME=app\nSECRET=x\n")
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("GATEWRIGHT_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("GATEWRIGHT_SERVICE_PORT_HTTP", "3000")
    monkeypatch.setenv("GATEWRIGHT_PORT", "tcp://10.0.0.1:3000")
    monkeypatch.setenv("GATEWRIGHT_PORT_3000_TCP_ADDR", "10.0.0.1")
    assert Settings().secret == ()

    monkeypatch.setenv("GATEWRIGHT_PORT", "3000")
    assert "GATEWRIGHT_PORT: unknown setting" in refused()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("GATEWRIGHT_ACESS_TOKEN_TTL", "GATEWRIGHT_ACCESS_TOKEN_TTL"),
        ("GATEWRIGHT_LOGIN_WINDOW", "GATEWRIGHT_LOGIN__WINDOW"),
        ("GATEWRIGHT_ROLES__EDITOR__PERMISION", "GATEWRIGHT_ROLES__EDITOR__PERMISSIONS"),
        ("GATEWRIGHT_SECRETS_FILE", "GATEWRIGHT_SECRET_FILE"),
        ("GATEWRIGHT_ISSUER_FILE", "GATEWRIGHT_ISSUER"),
        ("gatewright_issuer", "GATEWRIGHT_ISSUER"),
        ("GATEWRIGHT_issuer", "GATEWRIGHT_ISSUER"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest(
    given: str, meant: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped name would otherwise leave a default in place without a word."""
    monkeypatch.setenv(given, "hush")
    assert refused() == f"{given}: unknown setting; did you mean {meant}?"

    monkeypatch.delenv(given)
    folder.joinpath(".env").write_text(f"{given}=hush\n")
    assert refused() == f".env: {given}: unknown setting; did you mean {meant}?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acess_token_ttl = 5", "acess_token_ttl: unknown setting; did you mean access_token_ttl?"),
        ("[logins]\nwindow = 5", "logins: unknown setting; did you mean login?"),
        ("[login]\nwindows = 5", "login.windows: unknown setting; did you mean login.window?"),
        ("ISSUER = 'x'", "ISSUER: unknown setting; did you mean issuer?"),
        ("zzzzzz = 'x'", "zzzzzz: unknown setting"),
        (
            "[roles.EDITOR]\npermision = []",
            "roles.EDITOR.permision: unknown setting; did you mean roles.EDITOR.permissions?",
        ),
        ("login = 5", "login: should be a section with settings in it"),
        ("roles = 5", "roles: should be a section with settings in it"),
    ],
)
def test_an_unknown_name_in_the_file_is_an_error_too(text: str, message: str, folder: Path) -> None:
    """Named as it stands in the file, with its section."""
    folder.joinpath("gatewright.toml").write_text(text)
    assert refused() == f"gatewright.toml: {message}"


def test_an_unknown_keyword_is_an_error_too() -> None:
    """The same error as for every other source, for those who use no type checker."""
    with pytest.raises(SetupError, match=r"Settings\(isuer=…\): unknown setting; did you mean issuer\?"):
        Settings(isuer="x")  # type: ignore[call-arg]


def test_all_that_is_wrong_is_said_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody should have to start ten times to find ten mistakes."""
    folder.joinpath("gatewright.toml").write_text('isuer = "x"\naccess_token_ttl = "2h"\n[login]\ntries = 0\n')
    folder.joinpath(".env").write_text("GATEWRIGHT_HASH_QUEUE_MS=many\n")
    monkeypatch.setenv("GATEWRIGHT_ENVIRONMENT", "staging")
    assert refused().splitlines() == [
        "These settings are not valid:",
        "  gatewright.toml: isuer: unknown setting; did you mean issuer?",
        "  GATEWRIGHT_ENVIRONMENT: should be 'production' or 'development'",
        "  gatewright.toml: access_token_ttl: should be at most 1 hour",
        "  .env: GATEWRIGHT_HASH_QUEUE_MS: should be a valid integer, unable to parse string as an integer",
        "  gatewright.toml: login.tries: should be at least 1",
    ]


def test_broken_toml_is_named_with_its_line(folder: Path) -> None:
    """File, line, and what is wrong there."""
    folder.joinpath("gatewright.toml").write_text('issuer = "x"\nsecret = hush\n')
    assert refused() == "gatewright.toml: Invalid value (at line 2, column 10)"


def test_a_broken_env_file_is_named_with_its_line(folder: Path) -> None:
    """python-dotenv alone would leave such a line out."""
    folder.joinpath(".env").write_text('GATEWRIGHT_ISSUER=x\nGATEWRIGHT_SECRET "hush"\n')
    assert refused() == ".env, line 2: should be NAME=value"


@pytest.mark.parametrize("name", ["gatewright.toml", ".env"])
def test_a_file_in_another_encoding_is_refused_and_a_byte_order_mark_is_not(name: str, folder: Path) -> None:
    """Windows editors write the mark; Latin-1 would change a secret without a word."""
    folder.joinpath(name).write_bytes(b"\xef\xbb\xbf# nothing\n")
    Settings()
    folder.joinpath(name).write_bytes(b"# \xe9\n")
    assert refused() == f"{name}: is not UTF-8"


def test_a_folder_called_like_a_file_is_left_alone(folder: Path) -> None:
    """Some keep a virtual environment in `.env`."""
    folder.joinpath(".env").mkdir()
    Settings()


def test_a_secret_can_come_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker's and Kubernetes' way; the newline that editors put at the end does not count."""
    folder.joinpath("one").write_text("first,second\r\n\n")
    folder.joinpath("url").write_text("postgresql://u:p@db/app\n")
    monkeypatch.setenv("GATEWRIGHT_SECRET_FILE", "one")
    monkeypatch.setenv("DATABASE_URL_FILE", str(folder / "url"))
    monkeypatch.setenv("GATEWRIGHT_CLIENTS__WEB__SECRET_FILE", str(folder / "one"))
    folder.joinpath(".env").write_text("GATEWRIGHT_LOGIN__GOOGLE__CLIENT_SECRET_FILE=one\n")

    settings = Settings()

    assert [secret.get_secret_value() for secret in settings.secret] == ["first", "second"]
    assert url_of(settings) == "postgresql://u:p@db/app"
    assert settings.clients["WEB"].secret.get_secret_value() == "first,second"
    assert settings.login.google is not None


def test_a_secret_given_twice_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two was meant cannot be known."""
    folder.joinpath("one").write_text("first")
    monkeypatch.setenv("GATEWRIGHT_SECRET_FILE", "one")
    monkeypatch.setenv("GATEWRIGHT_SECRET", "hush")
    assert refused() == "GATEWRIGHT_SECRET_FILE: GATEWRIGHT_SECRET is set as well. Remove one of the two"

    monkeypatch.setenv("GATEWRIGHT_SECRET", "")
    assert len(Settings().secret) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"\n", "is empty"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_secret_file_that_holds_none_is_an_error_without_its_path(
    content: bytes | None, message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path stays out: who sets SECRET_FILE to the secret itself must not find it in the log."""
    if content is not None:
        folder.joinpath("hush").write_bytes(content)
    monkeypatch.setenv("GATEWRIGHT_SECRET_FILE", "hush")
    assert refused() == f"GATEWRIGHT_SECRET_FILE: the file that it names {message}"


def test_a_path_with_a_nul_byte_is_refused_cleanly(folder: Path) -> None:
    """No traceback for what no file system takes."""
    folder.joinpath(".env").write_bytes(b"GATEWRIGHT_SECRET_FILE=a\x00b\n")
    assert "GATEWRIGHT_SECRET_FILE: the file that it names" in refused()


def test_roles_come_from_file_variables_and_keywords(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty table makes a role; a variable keeps the case of the name; USER and ADMIN are always there."""
    folder.joinpath("gatewright.toml").write_text('[roles.guest]\n[roles.ADMIN]\npermissions = ["users:read"]\n')
    monkeypatch.setenv("GATEWRIGHT_ROLES__EDITOR__PERMISSIONS", "posts:read,posts:write")
    roles = Settings(roles={"AUDITOR": RoleSettings(permissions=["log:read"])}).roles
    assert {name: role.permissions for name, role in roles.items()} == {
        "USER": (),
        "ADMIN": ("users:read",),
        "AUDITOR": ("log:read",),
        "EDITOR": ("posts:read", "posts:write"),
        "guest": (),
    }


def test_two_roles_that_differ_only_in_case_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable says EDITOR where the file says editor; and nobody should have an admin who is no ADMIN."""
    folder.joinpath("gatewright.toml").write_text("[roles.editor]\n")
    monkeypatch.setenv("GATEWRIGHT_ROLES__EDITOR__PERMISSIONS", "a")
    assert "roles: should not have names that differ only in their case" in refused().replace(
        "GATEWRIGHT_ROLES", "roles"
    )

    monkeypatch.delenv("GATEWRIGHT_ROLES__EDITOR__PERMISSIONS")
    folder.joinpath("gatewright.toml").write_text("[roles.admin]\n")
    assert "differ only in their case (USER, ADMIN, admin)" in refused()


@pytest.mark.parametrize("name", ["a b", "a.b", "é", "x" * 65, ""])
def test_a_role_has_a_plain_name(name: str, folder: Path) -> None:
    """Names go into tokens, columns and variables."""
    folder.joinpath("gatewright.toml").write_text(f'[roles."{name}"]\npermissions = []\n')
    assert "should have names of at most 64 letters, digits, _ and -" in refused()


def test_a_client_without_a_secret_is_refused(folder: Path) -> None:
    """An introspection client with no secret would be anybody."""
    folder.joinpath("gatewright.toml").write_text("[clients.web]\n")
    assert refused() == "GATEWRIGHT_CLIENTS__WEB__SECRET: is missing"


def test_the_environment_is_read_at_the_moment_of_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings made before a variable changes keep what they had."""
    before = Settings()
    monkeypatch.setitem(os.environ, "GATEWRIGHT_ISSUER", "later")
    assert (before.issuer, Settings().issuer) == (None, "later")
