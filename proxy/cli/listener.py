"""The socket that the server listens on, taken before anything else is opened."""

from __future__ import annotations

import errno
import socket


class CannotListen(Exception):
    """The address or port is not to be had; the text says what to do."""


_ADVICE = {
    errno.EADDRINUSE: "it is taken, perhaps by another Filmgate. Stop that program, or choose another port "
    "with --port (0 takes a free one)",
    errno.EACCES: "this account may not use it. Choose a port above 1023 with --port",
    errno.EADDRNOTAVAIL: "this machine does not have that address. Check --host or server.host",
}


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to this address. Raises CannotListen."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host}: {error.strerror}.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        # From here on a second server is told at once that the port is taken.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotListen(refused(host, port, error)) from error
    listener.setblocking(False)
    return listener


def refused(host: str, port: int, error: OSError) -> str:
    """Why this address cannot be listened on, and what to do."""
    return f"cannot listen on {host} port {port}: {_ADVICE.get(error.errno or 0, error.strerror)}."


def address(listener: socket.socket) -> str:
    """The base URL under which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"
