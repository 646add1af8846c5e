"""The socket that a server listens on, bound once for all its workers."""

from __future__ import annotations

import errno
import socket

from gatewright.errors import SetupError

BACKLOG = 2048
_HIGHEST_PORT = 65535
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared with, not bound to)


def bind(host: str, port: int) -> socket.socket:
    """Listen on *host* and *port*. What connects from now on is answered as soon as a worker is there.

    Raises:
        SetupError: The address cannot be used; the message says what to choose instead.
    """
    family, address = _resolve(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SetupError(_reason(error, host, port)) from error
    listener.set_inheritable(True)
    return listener


def url(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens on *host* and *port*."""
    if host in _LOOPBACK | _EVERYWHERE:
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _resolve(host: str, port: int) -> tuple[int, tuple[object, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise SetupError(_not_here(host)) from None
    # IPv4 first: under "localhost" more clients look there than at ::1.
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, address


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < _HIGHEST_PORT else port - 1
        return f"Port {port} is in use. Stop the program that uses it, or choose another port: --port {other}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs root privileges. Choose a port above 1023, such as --port 3000"
    if error.errno == errno.EADDRNOTAVAIL:
        return _not_here(host)
    return f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another with --host and --port."


def _not_here(host: str) -> str:
    return f"{host!r} is not an address of this machine. Choose one that is, such as --host 127.0.0.1"
