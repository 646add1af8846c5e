"""Which features are on: `[features] off` and `add`, for the app and every command alike."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path
from typing import Any, assert_type

import pytest
from fastapi import FastAPI
from sqlalchemy import Column, ForeignKey, MetaData, String, Table
from starlette.testclient import TestClient

from gatewright import Feature, Gatewright, Settings, SetupError
from gatewright.core.engine_tables import built_in_design
from gatewright.core.mail.letters import Mail
from gatewright.core.tokens import mailed_tokens
from gatewright.core.tokens.mailed_tokens import InvalidOrExpiredToken
from gatewright.features.email_verification.mails import VERIFY_EMAIL
from gatewright.features.invitations import service as invitations
from gatewright.features.invitations.mails import INVITATION, INVITATION_TOKEN
from gatewright.features.login.settings import LoginSettings
from gatewright.http.feature_set import FeatureSet
from gatewright.migrations.histories import FeatureTables
from gatewright.selection import ALWAYS_ON, FEATURES, select
from gatewright.settings import prepare
from gatewright.settings.sections import SelectionSettings
from gatewright.testing.clients import AsUser
from tests.conftest import make_settings
from tests.features import sms
from tests.features.login.word import Word

SMS = "tests.features.sms:FEATURE"
PRODUCTION: dict[str, Any] = {
    "secret": "kW2vX9-qLr7TzB4_nMcE8sYfA1hJdU6p",  # of this file only
    "public_url": "https://auth.example.com",
    "mail_url": "smtp://mail.example.com",
}


@pytest.fixture
def migrated_url(sqlite_template_copy: Path) -> str:
    """One database is enough: what runs here is no SQL of its own."""
    return f"sqlite:///{sqlite_template_copy}"


def refusal(*off: str, add: str = "") -> str:
    with pytest.raises(SetupError) as caught:
        select(off, (add,) if add else ())
    return str(caught.value)


def clash(**declared: Any) -> str:
    with pytest.raises(SetupError) as caught:
        FeatureSet([*FEATURES, Feature(**{"name": "sms", **declared})])
    return str(caught.value)


# The list.


@pytest.mark.parametrize("name", sorted(ALWAYS_ON))
def test_what_all_others_stand_on_cannot_be_switched_off(name: str) -> None:
    """Without accounts, sessions or the end of a login there is nothing to serve."""
    assert refusal(name) == f"[features] off: {name} cannot be switched off."


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    """A typing mistake must not leave a feature on."""
    assert refusal("invitation") == "[features] off: there is no feature invitation; did you mean invitations?"
    assert "account_pages, admin, email_verification" in refusal("zzz")


def test_a_feature_that_another_requires_is_refused_with_both_names() -> None:
    """The message says what to do about it, and names both."""
    assert refusal("password") == (
        "The feature invitations requires password, which is not on. Switch password on, or invitations off as well."
    )
    assert not select(("password", "invitations")).has("password")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("app.sms", "app.sms should be MODULE:NAME, such as app.sms:FEATURE."),
        (":FEATURE", ":FEATURE should be MODULE:NAME, such as app.sms:FEATURE."),
        ("nowhere.sms:FEATURE", "nowhere.sms cannot be imported (ModuleNotFoundError: No module named 'nowhere')."),
        ("tests.features.sms:OTHER", "tests.features.sms has no OTHER."),
        (
            "tests.features.sms:SmsSettings",
            "tests.features.sms:SmsSettings is not a gatewright.Feature, but of type ModelMetaclass.",
        ),
        ("broken:FEATURE", "broken cannot be imported (ZeroDivisionError)."),
    ],
)
def test_an_addition_that_is_no_feature_is_one_clear_message(path: str, says: str, tmp_path: Path) -> None:
    """No traceback, and no word of what the module worked on."""
    (tmp_path / "broken.py").write_text("hush = 1 / 0\n")
    assert refusal(add=path) == f"[features] add: {says}"


def test_two_features_of_one_name_are_refused() -> None:
    """Their tables would have one line of revisions."""
    assert clash(name="password") == "Two features are called password. Give yours another name."


def test_what_two_features_declare_under_one_name_is_refused() -> None:
    """The message names both, and what it is about."""
    mail = Mail("verify-email", Path(), lambda *_: None, {})
    assert clash(mails=(mail,)) == "The features email_verification and sms both declare the mail verify-email."
    other = dataclasses.replace(mail, name="sms-code", purposes=VERIFY_EMAIL.purposes)
    assert clash(mails=(other,)) == "The features email_verification and sms both declare the purpose verify_email."
    assert clash(events={"user.updated": ""}) == "The features users and sms both declare the event user.updated."


def test_two_second_factors_with_one_method_are_refused() -> None:
    """A client's answer would be checked by one of them only."""
    features = [*FEATURES, *(Feature(name, second_factor=Word()) for name in ("one", "two"))]
    with pytest.raises(SetupError, match=r"^The features one and two both declare the second factor word\.$"):
        FeatureSet(features)


def test_a_section_of_the_kernel_is_taken() -> None:
    """A feature called as a kernel's section would be shadowed by it."""

    class Mails(sms.SmsSettings):
        section = "mail"

    assert clash(settings=Mails) == "The features the kernel and sms both declare the section mail."


def test_a_table_that_would_keep_an_account_from_being_erased_is_refused() -> None:
    """Erasing an account covers every table that refers to it."""

    def define(metadata: MetaData) -> None:
        Table("gatewright_x", metadata, Column("user_id", String(64), ForeignKey("users.id"), primary_key=True))

    features = FeatureSet([*FEATURES, Feature(name="x", tables=FeatureTables(define, Path()))])
    with pytest.raises(SetupError, match=r"gatewright_x\.user_id of a feature refers to users\.id without ondelete"):
        features.schema(built_in_design())


def test_a_table_without_the_prefix_is_refused() -> None:
    """The prefix is what an app's own Alembic leaves alone."""

    def define(metadata: MetaData) -> None:
        Table("numbers", metadata, Column("id", String(64), primary_key=True))

    features = FeatureSet([*FEATURES, Feature(name="x", tables=FeatureTables(define, Path()))])
    with pytest.raises(SetupError, match="The table numbers of a feature should have a name that begins with gate"):
        features.schema(built_in_design())


# Settings.


def test_the_section_of_a_feature_that_is_off_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From each source, with the feature's name: it would look as if it had an effect."""
    off: dict[str, Any] = {"features": {"off": ["password", "invitations"]}, "password": {"token_form": False}}
    says = "belongs to the feature password, which is switched off; remove the setting"
    with pytest.raises(SetupError) as keyword:
        Settings(**off)
    assert str(keyword.value) == f"Settings(password=…): {says}"
    monkeypatch.setenv("GATEWRIGHT_PASSWORD__TOKEN_FORM", "false")
    (tmp_path / "gatewright.toml").write_text('[features]\noff = ["password", "invitations"]\n[password]\nx = 1\n')
    with pytest.raises(SetupError) as variable:
        Settings()
    assert f"GATEWRIGHT_PASSWORD__TOKEN_FORM: {says}" in str(variable.value)
    assert f"gatewright.toml: password: {says}" in str(variable.value)


def test_an_added_feature_reads_its_section(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Typed, from file and variables, checked with all other settings, and refused by the same messages."""
    (tmp_path / "gatewright.toml").write_text(f'[features]\nadd = ["{SMS}"]\n[sms]\nsender = "Ada"\n')
    monkeypatch.setenv("GATEWRIGHT_SMS__CODES", "3")
    section = Settings().section(sms.SmsSettings)
    assert_type(section.sender, str)
    assert (section.sender, section.codes) == ("Ada", 3)

    monkeypatch.setenv("GATEWRIGHT_SMS__CODES", "0")
    with pytest.raises(SetupError, match="GATEWRIGHT_SMS__CODES: should be at least 1"):
        Settings()
    monkeypatch.setenv("GATEWRIGHT_SMS__CODE", "0")
    with pytest.raises(SetupError, match=r"GATEWRIGHT_SMS__CODE: .*did you mean GATEWRIGHT_SMS__CODES"):
        Settings()


def test_type_checkers_know_the_sections_of_the_packages_features() -> None:
    """As keywords of `Settings` and as its attributes; at run time the features alone decide."""
    source = ast.parse(Path(inspect.getfile(Settings)).read_text("utf-8"))
    (settings,) = [node for node in source.body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    (checked,) = [node for node in settings.body if isinstance(node, ast.If)]
    named = {ast.unparse(node.target) for node in checked.body if isinstance(node, ast.AnnAssign)}
    assert named == select().sections.keys()
    assert Settings().login == Settings().section(LoginSettings)


def test_the_list_is_read_from_variables_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With commas, as other lists."""
    monkeypatch.setenv("GATEWRIGHT_FEATURES__OFF", "invitations,password")
    monkeypatch.setenv("GATEWRIGHT_FEATURES__ADD", SMS)
    found = Settings().feature_set
    assert found.names == (*(each.name for each in FEATURES if each.name not in ("invitations", "password")), "sms")


def test_invitations_that_are_off_cannot_be_the_only_way_to_register() -> None:
    """Nobody could make an account any more, and the reason would be far away."""
    settings = Settings(**PRODUCTION, registration="invite", features=SelectionSettings(off=["invitations"]))
    with pytest.raises(SetupError, match="GATEWRIGHT_REGISTRATION=invite needs the feature invitations, which is off"):
        prepare(settings)


def test_links_in_mails_lead_somewhere() -> None:
    """Without the pages of this server, the settings name others."""
    off = SelectionSettings(off=["account_pages"])
    with pytest.raises(SetupError, match="GATEWRIGHT_MAIL_LINK_BASE is missing, and the feature account_pages is off"):
        prepare(Settings(**PRODUCTION, features=off))
    prepare(Settings(**PRODUCTION, features=off, mail_link_base="https://example.com/links"))


@pytest.mark.parametrize(
    "given", [{"redis_url": "redis://:hush@cache"}, {"redirect_urls": ["https://example.com/done"]}]
)
def test_a_setting_that_nothing_reads_yet_is_a_line_at_the_start(given: dict[str, Any]) -> None:
    """It protects nothing, so that the start goes on; the line names it, and not its value."""
    (notice,) = prepare(Settings(**PRODUCTION, **given)).notices
    assert notice == f"GATEWRIGHT_{next(iter(given)).upper()} has no effect yet."


# The app.


@pytest.fixture
def settings(migrated_url: str) -> Settings:
    return make_settings(migrated_url, features={"off": ["invitations", "privacy", "introspection"]})


def test_a_feature_that_is_off_has_no_routes(auth_app: FastAPI, as_user: AsUser) -> None:
    """Neither an answer nor a place in the document; its pages are gone too."""
    user = as_user()
    assert user.get("/users/profile/export").status_code == 404
    assert user.post("/auth/introspect").status_code == 404
    assert user.get("/auth/pages/invitation").status_code == 404
    paths = auth_app.openapi()["paths"]
    assert "/users/profile" in paths
    assert not {"/users/profile/export", "/auth/introspect"} & paths.keys()


async def test_an_invitation_of_before_makes_no_account(running: Gatewright) -> None:
    """The link is mailed, and then the feature is switched off."""
    context = running.context()
    now, given = context.clock.now(), {"email": "ada@example.com", "suffix": "USER"}
    token = await context.db.write(lambda tx: mailed_tokens.issue(tx, now, INVITATION_TOKEN, **given))
    assert token is not None
    with pytest.raises(InvalidOrExpiredToken):
        await invitations.find(context, token)


def test_a_feature_that_is_off_has_no_mails_and_no_events(settings: Settings) -> None:
    """An outbox row of such a mail is given up (`tests/core/mail/test_deliveries.py`)."""
    on = settings.feature_set
    assert INVITATION.name not in on.mails
    assert "user.exported" not in on.events


async def test_a_list_of_a_tests_own_works_in_development(migrated_url: str) -> None:
    """`Gatewright(features=…)` is the list; a section that the settings lack has its defaults."""
    auth = Gatewright(make_settings(migrated_url, auto_migrate=True), features=[*FEATURES, sms.FEATURE])
    async with auth.lifespan(None):
        assert auth.settings.section(sms.SmsSettings).sender == "Shop"
        assert await auth.database.read(lambda tx: tx.all(tx.table(sms.NUMBERS).select())) == []


async def test_production_refuses_a_list_that_differs_from_the_settings(migrated_url: str) -> None:
    """Every command follows the settings: `migrate` would miss the tables."""
    settings = Settings(**PRODUCTION, database_url=migrated_url)
    with pytest.raises(SetupError, match=r"Gatewright\(features=…\) is another list than \[features\]"):
        await Gatewright(settings, features=[*FEATURES, sms.FEATURE]).start()


def test_an_added_feature_is_served(migrated_url: str) -> None:
    """With its own heading in the document, and its settings."""
    settings = make_settings(migrated_url, auto_migrate=True, features={"add": [SMS]}, sms={"sender": "Ada"})
    auth = Gatewright(settings)
    app = auth.create_app()
    assert "text messages" in [tag["name"] for tag in app.openapi()["tags"]]
    with TestClient(app) as client:
        assert client.get("/auth/sms").status_code == 401
        registered = client.post(
            "/auth/register",
            json={"email": "a@example.com", "password": "securepassword", "firstName": "Ada", "lastName": "Byron"},
        )
        bearer = {"Authorization": f"Bearer {registered.json()['accessToken']}"}
        assert client.get("/auth/sms", headers=bearer).json() == "Ada"
