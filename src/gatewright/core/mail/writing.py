"""From a letter and its template to a message: plain text and HTML, from one file.

A template has its text once, in the blocks `subject`, `before`, `action` and `after`; one layout makes plain text of
them and another HTML. The same file is therefore read twice, with escaping switched on for the second time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from gatewright.addresses import bare_address
from gatewright.core.mail.letters import Letter

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BLANK_LINES = re.compile(r"\n\s*\n")


class MailWriter:
    """Writes messages.

    Args:
        folders: Where templates are looked for, in this order; an app's own folder comes first.
        sender: The value of the header `From`.
        app_name: What mails call this service.
        host: What message ids end with.
    """

    def __init__(self, folders: Sequence[Path], *, sender: str, app_name: str, host: str) -> None:
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in [*folders, Path(__file__).parent / "templates"]])
        self._text = _environment(loader, for_html=False)
        self._html = _environment(loader, for_html=True)
        self._sender = sender
        self._app_name = app_name
        self._host = host

    def write(self, name: str, letter: Letter, *, identifier: str, at: datetime) -> EmailMessage:
        """The message that *letter* becomes by the template *name*.

        Args:
            identifier: Of the outbox row: a mail that is sent twice has the same `Message-ID` (RFC 5322 section 3.6.4).
            at: When the mail was asked for.

        Raises:
            TemplateError: A template of the app's own is not right.
        """
        values = {"app_name": self._app_name, **letter.parameters}
        text = self._template(self._text, name, letter.language)
        html = self._template(self._html, name, letter.language)
        # A local part that is not ASCII can only be written as it is (RFC 6532): no encoding of a header reaches it.
        is_ascii = letter.to.isascii() and bare_address(self._sender).isascii()
        message = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
        message["Subject"] = _block(text, "subject", {**values, "layout": "layout.txt.jinja"})
        message["From"] = self._sender
        message["To"] = letter.to
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{identifier}@{self._host}>"
        # No automatic answers (RFC 3834 section 5).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text.render(layout="layout.txt.jinja", **values).strip() + "\n")
        message.add_alternative(html.render(layout="layout.html.jinja", **values), subtype="html")
        return message

    def _template(self, environment: Environment, name: str, language: str | None) -> Template:
        names = [f"{name}.jinja"]
        if language is not None and _LANGUAGE.fullmatch(language):
            names.insert(0, f"{name}.{language.lower()}.jinja")
        for each in names:
            try:
                return environment.get_template(each)
            except TemplateNotFound as missing:
                if missing.name != each or each == names[-1]:
                    raise
        raise AssertionError("the last name either loads or raises")


def _environment(loader: ChoiceLoader, *, for_html: bool) -> Environment:
    # An app's own template is for words: it has access to nothing else.
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=for_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["paragraphs"] = _paragraphs
    return environment


def _block(template: Template, name: str, values: Mapping[str, object]) -> str:
    """One block of *template* as a line: what an attacker writes into a name starts no header of its own."""
    written = "".join(template.blocks[name](template.new_context(dict(values))))
    return _CONTROL.sub(" ", written).strip()


def _paragraphs(text: str) -> Markup:
    # What comes from a block is escaped already; splitting it makes plain text of it again.
    known = Markup if isinstance(text, Markup) else escape
    parts = (part.strip() for part in _BLANK_LINES.split(text))
    return Markup("\n").join(Markup("<p>{}</p>").format(known(part)) for part in parts if part)
