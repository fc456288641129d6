"""Loopback ports: is one free, and which one is."""

import secrets
import socket

from deploy.local.plan import HOST


class PortInUse(RuntimeError):
    """Another program listens where we want to."""


def is_free(port: int) -> bool:
    """Tell whether we could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def first_free(start: int) -> int:
    """Return the first free port from `start` on, else any free one."""
    for port in range(start, min(start + 50, 65536)):
        if is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def somewhere() -> int:
    """Return a free port that another stack starting at this moment will hardly choose; the next one is free too."""
    while True:
        port = 20_000 + 2 * secrets.randbelow(6_000)  # below the ports that outgoing connections take
        if is_free(port) and is_free(port + 1):
            return port


def check_free(port: int) -> None:
    """Raise `PortInUse` with the command that chooses another port."""
    if not is_free(port):
        raise PortInUse(
            f"Port {port} is used by another program. Choose another port, for example:\n"
            f"    PORT={first_free(port + 1)} make run"
        )
