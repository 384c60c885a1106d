"""One child process: how it is started, how it ends, and that it never outlives its parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.serve.probe import answers_ping

_PR_SET_PDEATHSIG = 1
_FIRST_WAIT, _LONGEST_WAIT, _HEALTHY_AFTER = 0.2, 5.0, 10.0
_LONGEST_AFTER_KILL = 1.0


def die_with_parent(parent: int) -> Callable[[], None]:
    """What a child runs before exec, so that the kernel ends it (SIGTERM) when `parent` is gone."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

    def before_exec() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)

    return before_exec


@dataclass(frozen=True, slots=True)
class Spec:
    """What to run.

    `group` is the start order, `socket` marks a broker that may already be there, `hint` says where to look
    when it does not start, `captured` keeps its (short) standard output for the supervisor, and what is
    `late` is started when the product is ready.
    """

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    group: int = 0
    socket: str = ""
    hint: str = "the lines above say why"
    captured: bool = False
    late: bool = False


@dataclass(slots=True)
class Child:
    """A spec and its current process, if any; `due` is the monotonic time of the next start."""

    spec: Spec
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    wait: float = _FIRST_WAIT
    deaths: int = 0
    output: bytes = b""

    @property
    def attached(self) -> bool:
        """Whether somebody else's broker already answers on this child's socket."""
        return bool(self.spec.socket) and self.process is None and answers_ping(Path(self.spec.socket))

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603
            self.spec.argv,
            env={**os.environ, **self.spec.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.spec.captured else None,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - one thread, only calls prctl
        )

    def reap(self) -> int | None:
        """The exit status when the process has ended; what it left behind in its group ends too."""
        if self.process is None:
            return None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.process.pid, flags) is None:
            return None
        self.kill()
        if self.process.stdout is not None:
            with self.process.stdout as stream:
                self.output = stream.read()
        status = self.process.wait()
        self.process = None
        return status

    def terminate(self) -> None:
        """Ask the child to end; what it started is its own to end."""
        if self.process is not None:
            # Popen.terminate would reap a child that has just died, and its status would be lost
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End the child and all it started, at once."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def back_off(self, status: int = 1) -> float:
        """Plan the next start and give the seconds until then: 0.2 doubling to 5, anew after 10 healthy.

        SIGKILL comes from outside and says nothing about the program, so after it 1 second is the longest.
        """
        now = time.monotonic()
        self.wait = _FIRST_WAIT if now - self.started >= _HEALTHY_AFTER else self.wait
        longest = _LONGEST_AFTER_KILL if status == -signal.SIGKILL else _LONGEST_WAIT
        seconds, self.wait = min(self.wait, longest), min(self.wait * 2, longest)
        self.due = now + seconds
        self.deaths += 1
        return seconds
