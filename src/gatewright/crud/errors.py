"""What a generated resource refuses, beside what every route does."""

from __future__ import annotations

from gatewright.errors import GatewrightError


class PreconditionFailed(GatewrightError):
    """The row has changed since the client read it (`If-Match`, RFC 9110 section 13.1.1)."""

    code = "precondition_failed"
    status = 412
    title = "The row was changed after you read it. Read it again, then retry."
