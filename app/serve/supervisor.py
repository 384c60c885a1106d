"""Keeps the roles running: starts them in order, restarts what dies, stops all within a deadline.

Runs as `python -m app.serve.supervisor FD`, where FD yields a `Plan` as JSON. Standard library only: this
process stays for ever and should weigh nothing.
"""

import contextlib
import json
import math
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from types import FrameType

from app.serve.banner import banner
from app.serve.children import Child, Spec
from app.serve.probe import answers_ping, answers_ready

_TICK = 0.05
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(slots=True)
class Plan:
    """What to run: `prepare` runs once beside the children's start and opens `gate` when it succeeds."""

    children: list[Spec]
    prepare: Spec | None = None
    gate: str = ""
    host: str = ""
    port: int = 0
    public_url: str = ""
    ready_seconds: float = 120.0
    deaths_before_ready: int = 5
    stop_seconds: float = 10.0

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> "Plan":
        data = json.loads(text)
        data["children"] = [Spec(**spec) for spec in data["children"]]
        data["prepare"] = Spec(**data["prepare"]) if data["prepare"] else None
        return cls(**data)


_LOOK_EVERY = 2.0


@dataclass(slots=True)
class Supervisor:
    """Runs the children of a plan until told to stop; `run` gives the exit code."""

    plan: Plan
    say: Callable[[str], None] = field(default=lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    children: list[Child] = field(default_factory=list)
    exit_code: int | None = None
    ready: bool = False
    facts: dict[str, str] = field(default_factory=dict)
    _bell: socket.socket | None = None
    _look_at: float = 0.0

    def run(self) -> int:
        """Start, keep and stop the children.

        Returns:
            0 after a signal; the status of a failed preparation; 1 where the product never became ready.
        """
        self.children = [Child(spec) for spec in sorted(self.plan.children, key=lambda spec: spec.group)]
        self._listen_for_signals()
        try:
            self._start()
            began = time.monotonic()
            while self.exit_code is None:
                self._keep()
                self._keep_reachable()
                self._watch_readiness(began)
                self._sleep()
        finally:
            self._stop()
        return self.exit_code or 0

    def _start(self) -> None:
        for _, members in groupby(self.children, key=lambda child: child.spec.group):
            for child in members:
                if child.spec.late and self.plan.port:
                    child.due = math.inf
                    continue
                self._start_unless_attached(child)
                if child.spec.socket:
                    self._await_broker(child)
        if self.plan.prepare is None:
            self._open_gate()
        else:
            self.children.append(Child(self.plan.prepare))
            self.children[-1].start()

    def _await_broker(self, child: Child) -> None:
        """Give a broker a moment to come up; a slow one does not hold the others for ever."""
        deadline = time.monotonic() + 5
        while not answers_ping(Path(child.spec.socket)) and time.monotonic() < deadline:
            if child.reap() is not None:
                child.back_off()
                return
            time.sleep(0.005)

    def _keep(self) -> None:
        for child in list(self.children):
            status = child.reap()
            if status is not None:
                self._ended(child, status)
            elif child.process is None and time.monotonic() >= child.due:
                self._start_unless_attached(child)

    def _keep_reachable(self) -> None:
        """End a broker that lives but cannot be reached, as when somebody cleared its socket away."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_EVERY
        for child in self.children:
            old = child.process is not None and now - child.started > _LOOK_EVERY
            if child.spec.socket and old and not answers_ping(Path(child.spec.socket)):
                self.say(f"sakuga: {child.spec.name} does not answer on its socket")
                child.kill()

    def _start_unless_attached(self, child: Child) -> None:
        if child.attached:
            child.due = time.monotonic() + 1
        else:
            child.start()

    def _ended(self, child: Child, status: int) -> None:
        if child.spec is self.plan.prepare:
            self.children.remove(child)
            self._prepared(status, child.output)
            return
        seconds = child.back_off(status)
        how = f"signal {-status}" if status < 0 else f"exit code {status}"
        self.say(f"sakuga: {child.spec.name} ended ({how}), starting it again in {seconds:g} s")
        if not self.ready and child.deaths >= self.plan.deaths_before_ready:
            self.say(f"sakuga: {child.spec.name} cannot start; {child.spec.hint}")
            self.exit_code = 1

    def _prepared(self, status: int, output: bytes) -> None:
        if status:
            self.say("sakuga: the preparation failed; the lines above say why")
            self.exit_code = abs(status)
            return
        self.facts = _facts(output)
        self._open_gate()

    def _open_gate(self) -> None:
        if self.plan.gate:
            Path(self.plan.gate).touch()

    def _watch_readiness(self, began: float) -> None:
        if self.ready or not self.plan.port or self.exit_code is not None:
            return
        if answers_ready(self.plan.host, self.plan.port):
            self.ready = True
            for child in self.children:
                child.due = 0.0 if child.due == math.inf else child.due
            sys.stdout.write(banner(self.plan.public_url, self.facts))
            sys.stdout.flush()
        elif time.monotonic() - began > self.plan.ready_seconds:
            self.say(f"sakuga: not ready after {self.plan.ready_seconds:g} s; the lines above may say why")
            self.exit_code = 1

    def _stop(self) -> None:
        """End the groups in reverse order of their start, with SIGKILL for what outstays the deadline."""
        deadline = time.monotonic() + self.plan.stop_seconds
        groups = [list(members) for _, members in groupby(self.children, key=lambda child: child.spec.group)]
        share = self.plan.stop_seconds / (2 * len(groups)) if groups else 0
        for later, members in zip(range(len(groups) - 1, -1, -1), reversed(groups), strict=True):
            for child in members:
                child.terminate()
            self._await_end(members, deadline - later * share)
        self._tidy()

    def _tidy(self) -> None:
        if self.plan.gate:
            Path(self.plan.gate).unlink(missing_ok=True)
        for spec in self.plan.children:
            if spec.socket:
                # A broker that was killed leaves its socket, which then keeps the folder: harmless.
                with contextlib.suppress(OSError):
                    Path(spec.socket).parent.rmdir()

    def _await_end(self, members: list[Child], deadline: float) -> None:
        while any(child.process is not None and child.reap() is None for child in members):
            if time.monotonic() >= deadline:
                for child in members:
                    child.kill()
            time.sleep(0.01)

    def _listen_for_signals(self) -> None:
        """Turn signals into bytes on a socket, so that the loop wakes at once and nothing is interrupted."""
        self._bell, bell = socket.socketpair()
        for end in (self._bell, bell):
            end.setblocking(False)
        signal.set_wakeup_fd(bell.detach(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            # nohup has SIGHUP ignored, and means it.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._told_to_stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.exit_code is None:
            self.exit_code = 0

    def _sleep(self) -> None:
        bell = self._bell
        if bell is None or self.exit_code is not None:
            return
        idle = self.ready or not self.plan.port
        select.select([bell], [], [], self._next_start() if idle else _TICK)
        with contextlib.suppress(BlockingIOError):
            bell.recv(4096)

    def _next_start(self) -> float | None:
        """Seconds until something is to be started or looked at; None when only a signal can matter."""
        waiting = [child.due for child in self.children if child.process is None]
        if any(child.spec.socket for child in self.children):
            waiting.append(self._look_at)
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None


def _facts(output: bytes) -> dict[str, str]:
    """The texts in the last line of the preparation's output, a JSON object; anything else counts as none."""
    lines = output.decode("utf-8", "replace").strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def main() -> int:
    with os.fdopen(int(sys.argv[1])) as given:
        plan = Plan.load(given.read())
    return Supervisor(plan).run()


if __name__ == "__main__":
    sys.exit(main())
