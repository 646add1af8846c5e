"""E-mail addresses: which ones are accepted, and when two of them are the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from unicodedata import normalize

LONGEST_ADDRESS = 254
"""Octets of an address, and of its key (RFC 5321 section 4.5.3.1.3, RFC 3696 erratum 1690)."""

LONGEST_LOCAL_PART = 64
"""Characters before the @ of a new address (RFC 5321 section 4.5.3.1.1). Accounts that are older may have more."""

# Line breaks would start a new header in a mail (RFC 5322 section 2.2); no other control character has a use either.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# The name before an address: in quotation marks, or without what could be a part of another address.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NEEDS_QUOTES = re.compile(r'[][()<>@,:;.\\"]')
_SPECIAL = re.compile(r'[<>@"\\]')

# Names for private networks and for tests (RFC 6761, RFC 6762), where mail can arrive.
_PRIVATE_DOMAINS = frozenset({"local", "localhost", "test"})


class InvalidAddress(ValueError):
    """The text is not an e-mail address that we accept."""

    def __init__(self) -> None:
        super().__init__("This is not an e-mail address.")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address in both its forms.

    Attributes:
        typed: As its owner wrote it, for sending mail to, without the spaces around it.
        key: What identifies an address: unique, for looking up and for limits. At most 254 octets.
    """

    typed: str
    key: str

    @property
    def sendable(self) -> str:
        """The address for envelopes and headers: as typed, but for a domain beyond ASCII, which becomes A-labels.

        Every mail server takes those (RFC 5891). A local part beyond ASCII needs SMTPUTF8 (RFC 6531).
        """
        local, _, domain = self.typed.rpartition("@")
        return self.typed if domain.isascii() else f"{local}@{self.key.rpartition('@')[2]}"


def parse_address(text: str) -> EmailAddress:
    """Read an e-mail address, without asking DNS anything.

    Accepted is `local@domain` with a dot in the domain, in ASCII or Unicode (RFC 6531): no quoted local parts, IP
    addresses, display names, comments or encoded words. `.test`, `.local`, `.localhost` and `.example` are domains
    like others. Spaces around it are dropped, because keyboards and clipboards add them and no address begins or ends
    with one; control characters, line breaks among them, are refused anywhere.

    The key folds what people do not distinguish: in the local part, case and compatibility forms (NFKC, case folding,
    NFKC: `Straße` is `strasse`); in the domain, everything that IDNA maps to one A-label in lower case (RFC 5891). Dots
    and `+tags` stay, since only the mailbox's own server knows what they mean.

    Raises:
        InvalidAddress: The text is anything else.
    """
    typed = text.strip()
    # The length first: what follows takes longer the longer the text is.
    if len(typed) > LONGEST_ADDRESS or _CONTROL.search(text):
        raise InvalidAddress
    local, _, domain = typed.rpartition("@")
    ascii_domain = _check(local, domain)
    folded = _fold(local)
    # Mail programs decode such words (RFC 2047), and could read another address in them.
    if "=?" in folded:
        raise InvalidAddress
    # Folding can make characters that no address may hold, such as a second @ from a full-width one.
    if not local.isascii() and (_check(folded, ascii_domain) != ascii_domain or _fold(folded) != folded):
        raise InvalidAddress
    return EmailAddress(typed, f"{folded}@{ascii_domain}")


def parse_new_address(text: str) -> EmailAddress:
    """Read the address of a new account, or the new address of an account.

    Raises:
        InvalidAddress: It is none, or mail servers may refuse it for its length.
    """
    address = parse_address(text)
    if len(address.typed.rpartition("@")[0]) > LONGEST_LOCAL_PART:
        raise InvalidAddress
    return address


def parse_mailbox(text: str) -> tuple[str, EmailAddress]:
    """Read `Name <address>`, or an address alone (RFC 5322 section 3.4): the name, and the address.

    The name may be in quotation marks. One mailbox is read, never a list of them.

    Raises:
        InvalidAddress: The address is none, or the name holds what belongs to an address.
    """
    name, bracket, address = text.strip().rpartition("<")
    if not bracket:
        return "", parse_address(address)
    if not address.endswith(">"):
        raise InvalidAddress
    return _display_name(name.strip()), parse_address(address[:-1])


def format_mailbox(name: str, address: str) -> str:
    """Write a name and an address as one header value, the name in quotation marks where it needs them."""
    if not name:
        return address
    if _NEEDS_QUOTES.search(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>"


def bare_address(mailbox: str) -> str:
    """The address in what `format_mailbox` has written."""
    return mailbox.rpartition("<")[2].removesuffix(">")


def _display_name(text: str) -> str:
    if quoted := _QUOTED.fullmatch(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    elif _SPECIAL.search(text):
        raise InvalidAddress
    if not text.isprintable() or "=?" in text:
        raise InvalidAddress
    return text


def address_key(text: str) -> str:
    """The key to look up or count by, for any text that was sent as an address; never raises.

    An address gets its key; other text gets one that no address has, so that it is handled like an unknown address.
    """
    try:
        return parse_address(text).key
    except InvalidAddress:
        return "not-an-address:" + hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _check(local: str, domain: str) -> str:
    """Check the syntax, and return the domain as A-labels in lower case."""
    # Imported when first used: it takes longer to load than most of what we need at the start.
    from email_validator import validate_email

    host, _, top = domain.rpartition(".")
    # The library refuses private domains; their syntax is that of any other name of the same length.
    private = top.lower() in _PRIVATE_DOMAINS
    try:
        result = validate_email(
            f"{local}@{host}.{'x' * len(top)}" if private else f"{local}@{domain}",
            allow_smtputf8=True,
            allow_empty_local=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=False,
            check_deliverability=False,
            test_environment=False,
            globally_deliverable=True,
        )
    except ValueError:
        raise InvalidAddress from None
    if not private:
        return result.ascii_domain
    return f"{result.ascii_domain.rpartition('.')[0]}.{top.lower()}"


def _fold(local: str) -> str:
    return normalize("NFKC", normalize("NFKC", local).casefold())
