"""What one instance claims before it starts: its folder, its address, its secret."""

import errno
import fcntl
import os
import secrets
import socket
import tempfile
import time
from pathlib import Path

from app.serve.errors import (
    FolderInUseError,
    FolderNotWritableError,
    ForeignAddressError,
    OperatorError,
    PortTakenError,
)
from app.settings import SECRET_KEY_FILE, Settings


def claim_folder(folder: Path) -> int:
    """Make `folder` and lock it for this process and what it execs into.

    Returns:
        The open file that holds the lock.

    Raises:
        FolderNotWritableError: it cannot be made or written.
        FolderInUseError: another instance holds it.
    """
    make_folder(folder)
    try:
        lock = os.open(folder / "sakuga.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderNotWritableError(folder, error.strerror or str(error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        os.close(lock)
        raise FolderInUseError(folder, holder) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    os.set_inheritable(lock, True)
    return lock


def make_folder(folder: Path) -> None:
    """Make the data folder, for its owner only, if it is not there.

    Raises:
        FolderNotWritableError: it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FolderNotWritableError(folder, error.strerror or str(error)) from error


def check_port(host: str, port: int, *, patience: float = 2.0) -> None:
    """See that host:port is free to listen on; what a killed instance still holds is soon let go.

    Raises:
        PortTakenError: it is not.
        ForeignAddressError: the host is none of this machine's addresses.
    """
    deadline = time.monotonic() + patience
    while (error := _cannot_listen(host, port)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
            raise cannot_listen(host, port, error) from error
        time.sleep(0.1)


def cannot_listen(host: str, port: int, error: OSError) -> OperatorError:
    """What to tell where listening failed: whose fault it is, the port's or the host's."""
    kind = PortTakenError if error.errno in {errno.EADDRINUSE, errno.EACCES} else ForeignAddressError
    return kind(host, port, error.strerror or str(error))


def _cannot_listen(host: str, port: int) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def ensure_secret_key(settings: Settings) -> None:
    """Generate the secret key into the data folder (mode 600) unless one is set or already there."""
    if settings.secret_key:
        return
    path = settings.data_dir / SECRET_KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
