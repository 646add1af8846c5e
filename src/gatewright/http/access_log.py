"""uvicorn's access log, without the tokens of mailed links.

`gatewright serve` and `dev` keep no access log. An app that uvicorn serves has one by default, with the whole address
of each request in it. The link in a mail is such an address; what it leads to is not, since the page takes the token
out of its address at once. A page of the app's own (`MAIL_LINK_BASE`) may leave it there.
"""

from __future__ import annotations

import logging
import re

LOGGER = "uvicorn.access"

_TOKEN = re.compile(r"([?&][\w.-]*token=)[^&#\s]*", re.IGNORECASE)


class WithoutTokens(logging.Filter):
    """Lets every record pass, with `[secret]` for each token in an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's arguments, of which one is the address."""
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN.sub(r"\1[secret]", a) if isinstance(a, str) else a for a in record.args)
        return True


def keep_tokens_out() -> None:
    """Filter uvicorn's access log in this process, if it has one."""
    logger = logging.getLogger(LOGGER)
    if not any(isinstance(each, WithoutTokens) for each in logger.filters):
        logger.addFilter(WithoutTokens())
