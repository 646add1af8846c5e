"""The ASGI edge: problem documents, request context, headers, OpenAPI, and the dependencies of routes."""
