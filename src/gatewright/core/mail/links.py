"""The links in mails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

PAGES = "/auth/pages"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links to the pages behind mails, from settings only and never from a request.

    Attributes:
        base: What they begin with: `MAIL_LINK_BASE`, or this server's own pages.
    """

    base: str

    @classmethod
    def of(cls, public_url: str, api_prefix: str, link_base: str | None) -> Links:
        """The links of a server at *public_url*, or into the app's own front end at *link_base*."""
        return cls((link_base or f"{public_url}{api_prefix}{PAGES}").rstrip("/"))

    def to(self, page: str, token: str) -> str:
        """The link to *page* with *token*, which the page sends back in a POST: following a link redeems nothing."""
        return f"{self.base}/{page}?{urlencode({'token': token})}"

    def tokens_in(self, texts: Iterable[str]) -> frozenset[str]:
        """The tokens of the links among *texts*."""
        links = (text for text in texts if text.startswith(f"{self.base}/"))
        return frozenset(token for link in links for token in parse_qs(urlsplit(link).query).get("token", ()))
