"""Is it there yet: one short question to a socket, with the standard library only."""

import socket
from pathlib import Path


def answers_ping(path: Path, seconds: float = 1.0) -> bool:
    """Whether a broker on the Unix socket `path` answers PING."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(seconds)
            link.connect(str(path))
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def answers_ready(host: str, port: int, path: str = "/readyz", seconds: float = 1.0) -> bool:
    """Whether GET `path` on host:port answers 200."""
    try:
        with socket.create_connection((reachable(host), port), timeout=seconds) as link:
            link.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
            return link.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def reachable(host: str) -> str:
    """The address to call for a listen address: a wildcard is reached on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
