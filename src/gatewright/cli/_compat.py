"""What we use of uvicorn that it does not document; pyproject.toml bounds its version because of it."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors.multiprocess import Multiprocess, Process

__all__ = ["HttpToolsProtocol", "Multiprocess", "Process"]
