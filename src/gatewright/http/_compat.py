"""What we use of Starlette and FastAPI that they do not document; pyproject.toml bounds their versions for it."""

from __future__ import annotations

from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.routing import compile_path

__all__ = ["compile_path", "get_route_path", "iter_route_contexts"]
