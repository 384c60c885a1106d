"""One process that has the product imported and forks it: a role starts in a moment, and is a real process.

Reads questions as JSON lines and answers each with one: `{"argv", "env", "log"}` forks a role and gives its
pid; `{"pid"}` gives its exit status, null while it lives.
"""

import ctypes
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_PR_SET_PDEATHSIG = 1


class Zygote:
    """The other end: asked from any thread, one question at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._turn = threading.Lock()

    def ask(self, **question: Any) -> Any:
        with self._turn:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it, and with it all it forked."""
        self._process.kill()
        self._process.wait(10)


def main() -> None:
    import app.serve.bootstrap  # noqa: PLC0415 - only the zygote needs the product in memory
    import app.serve.web  # noqa: PLC0415
    import app.serve.worker  # noqa: PLC0415, F401

    while line := sys.stdin.readline():
        asked = json.loads(line)
        if "pid" in asked:
            answer: Any = _status(asked["pid"])
        elif (answer := os.fork()) == 0:
            _become(**asked)
            return
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _status(pid: int) -> int | None:
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def _become(argv: list[str], env: dict[str, str], log: str) -> None:
    """Be the role from here on: `app.cli ROLE`, or another module of the product."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    nothing, said = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for old, new in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(old, new)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = argv
    runpy.run_module(argv[0], run_name="__main__", alter_sys=False)


if __name__ == "__main__":
    main()
