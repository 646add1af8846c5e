"""From templates to messages."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from jinja2 import TemplateError

from gatewright.core.mail.letters import Letter, Mail
from gatewright.core.mail.writing import MailWriter
from gatewright.selection import FEATURES

_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
_MAILS = [mail for feature in FEATURES for mail in feature.mails]


def _writer(*folders: Path) -> MailWriter:
    return MailWriter(folders, sender="Shop <no-reply@example.com>", app_name="Shop & Co", host="example.com")


def _write(writer: MailWriter, name: str, letter: Letter) -> EmailMessage:
    return writer.write(name, letter, identifier="the-row", at=_AT)


def _texts(message: EmailMessage) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@pytest.mark.parametrize("mail", _MAILS, ids=lambda mail: mail.name)
def test_every_mail_that_a_feature_declares_can_be_written(mail: Mail) -> None:
    """With its sample: subject, text and HTML, with the same links in both."""
    message = _write(_writer(mail.folder), mail.name, Letter("user@example.com", mail.sample))
    plain, html = _texts(message)
    assert message["Subject"]
    assert "Shop & Co" in plain
    assert "Shop &amp; Co" in html
    for value in mail.sample.values():
        assert value in plain
        assert value in html


def test_the_headers_are_those_of_an_automatic_mail(tmp_path: Path) -> None:
    """The sender of the settings, a Message-ID that stays, and no answers by machines (RFC 3834)."""
    (tmp_path / "one.jinja").write_text("{% extends layout %}{% block subject %}One{% endblock %}")
    message = _write(_writer(tmp_path), "one", Letter("user@example.com"))
    assert message["From"] == "Shop <no-reply@example.com>"
    assert message["To"] == "user@example.com"
    assert message["Message-ID"] == "<the-row@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_a_value_cannot_start_a_header(tmp_path: Path, ending: str) -> None:
    """Whatever a template takes up into a subject, it stays one line."""
    (tmp_path / "one.jinja").write_text("{% extends layout %}{% block subject %}Hello {{ name }}{% endblock %}")
    evil = f"you{ending}Bcc: everybody@example.com{ending}{ending}<b>body</b>"
    message = _write(_writer(tmp_path), "one", Letter("user@example.com", {"name": evil}))
    assert message["Bcc"] is None
    head = bytes(message).split(b"\r\n\r\n")[0]
    assert not any(line.lower().startswith(b"bcc") for line in head.splitlines())


@pytest.mark.parametrize("to", ["user@example.com\r\nBcc: all@example.com", "user@example.com\nX: y"])
def test_an_address_cannot_start_a_header(tmp_path: Path, to: str) -> None:
    """Such an address is never stored; were it, the mail would not be written."""
    (tmp_path / "one.jinja").write_text("{% extends layout %}{% block subject %}One{% endblock %}")
    with pytest.raises(ValueError, match="Header"):
        _write(_writer(tmp_path), "one", Letter(to))


def test_values_are_escaped_in_html_and_plain_in_text(tmp_path: Path) -> None:
    """A value is text, not markup."""
    (tmp_path / "one.jinja").write_text(
        "{% extends layout %}{% block subject %}One{% endblock %}{% block before %}Hi {{ name }}{% endblock %}"
    )
    plain, html = _texts(_write(_writer(tmp_path), "one", Letter("u@example.com", {"name": "<b>&</b>"})))
    assert "Hi <b>&</b>" in plain
    assert "Hi &lt;b&gt;&amp;&lt;/b&gt;" in html


def test_an_apps_own_template_and_its_translation_come_first(tmp_path: Path) -> None:
    """The user's language where there is a file for it, the plain one otherwise."""
    own, built_in = tmp_path / "own", tmp_path / "built-in"
    for folder, name, subject in [
        (built_in, "one.jinja", "built in"),
        (own, "one.jinja", "own"),
        (own, "one.de.jinja", "eigen"),
    ]:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"{{% extends layout %}}{{% block subject %}}{subject}{{% endblock %}}")
    writer = _writer(own, built_in)
    languages = {None: "own", "de": "eigen", "DE": "eigen", "fr": "own", "../../etc": "own", "": "own"}
    for language, subject in languages.items():
        letter = Letter("user@example.com", language=language)
        assert _write(writer, "one", letter)["Subject"] == subject


def test_a_template_with_a_name_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A mistake in an app's own template is told, not sent as an empty place."""
    (tmp_path / "one.jinja").write_text("{% extends layout %}{% block subject %}{{ nmae }}{% endblock %}")
    with pytest.raises(TemplateError, match="nmae"):
        _write(_writer(tmp_path), "one", Letter("user@example.com"))


@pytest.mark.parametrize(
    "escape",
    [
        "{{ name.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(name) }}",
        "{{ ('%s'|attr('format'))(name).__class__ }}",
        "{{ lipsum.__globals__ }}",
    ],
)
@pytest.mark.parametrize("block", ["subject", "before"])
def test_a_template_reaches_nothing_but_its_words(tmp_path: Path, escape: str, block: str) -> None:
    """Whoever may change the words of mails runs no code on the server and reads none of its memory."""
    blocks = {"subject": "One", block: escape}
    text = "".join(f"{{% block {name} %}}{words}{{% endblock %}}" for name, words in blocks.items())
    (tmp_path / "one.jinja").write_text("{% extends layout %}" + text)
    with pytest.raises(TemplateError, match="unsafe|no attribute|undefined"):
        _write(_writer(tmp_path), "one", Letter("user@example.com", {"name": "you"}))
