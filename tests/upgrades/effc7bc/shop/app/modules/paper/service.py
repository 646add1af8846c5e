"""What can be done with papers: the generated service, and what you change of it."""

from __future__ import annotations

from app.generated.paper import service as generated


class PaperService(generated.PaperService):
    """The generated service. Its methods and hooks can be overridden here."""
