"""What must hold at every moment, judged at each commit by what it changed (R5, R8, R9, R12, R14)."""

from collections import defaultdict, deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.simulation.faults import GATES
from tests.support.rig import DELAYS

if TYPE_CHECKING:
    from tests.simulation.world import World

ENDED = {"succeeded", "failed", "cancelled"}
_NEXT = {
    "queued": {"running", "waiting", *ENDED},
    "running": {"waiting", "queued", *ENDED},
    "waiting": {"running", "queued", *ENDED},
}
_FINAL = {"delivery.gone", "delivery.blocked_address", "delivery.secret_missing"}
_HAIR = 0.001


class Rules:
    """Hears every change; breaks the story when it is one that must not be."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._fences: set[tuple[str, int, int]] = set()
        self._starts: defaultdict[str, deque[float]] = defaultdict(deque)
        self._last: defaultdict[str, str] = defaultdict(str)
        self._owed: dict[str, str] = {}
        self._next: dict[tuple[str, str], tuple[int, float | None]] = {}
        self._open: set[str] = set()
        self.counts: defaultdict[str, int] = defaultdict(int)

    def judge(self, what: str, facts: list[Any]) -> None:
        """One change; a trigger whose name is a sentence is a broken rule by itself."""
        self._world.tell("db", what, *facts)
        self.counts[what] += 1
        if " " in what:
            self._breaks(f"{what}: {facts}")
        else:
            getattr(self, f"on_{what}")(*facts)

    def _breaks(self, rule: str) -> None:
        self._world.story.breaks(rule)

    def on_status(self, run_id: str, before: str, after: str) -> None:
        if after not in _NEXT.get(before, ()):
            self._breaks(f"{run_id} went from {before} to {after}")

    def on_times(self, run_id: str, *times: float | None) -> None:
        moments = [at for at in times if at is not None]
        if any(later < earlier - self._world.apart for earlier, later in pairwise(moments)):
            self._breaks(f"{run_id} has times {times}")

    def on_started(
        self, run_id: str, before: float | None, at: float, caller: str, parent: str | None
    ) -> None:
        if before is not None:
            self._breaks(f"{run_id} started twice")
        gates = GATES[self._world.faults.gates]
        # runs that a run started pass no gate of its workflow
        if gates is None or "rate_limiter" not in gates or parent is not None:
            return
        limit, window = (gates["rate_limiter"][name] for name in ("limit", "window_seconds"))
        self._in_order(run_id, caller)
        starts = self._starts[caller]
        starts.append(at)
        if len(starts) > limit and at - starts[-1 - limit] < window - self._world.apart - _HAIR:
            self._breaks(f"{limit + 1} starts of {caller} within {at - starts[-1 - limit]:g} s")

    def _in_order(self, run_id: str, caller: str) -> None:
        """Behind a limiter alone the runs of a caller start in the order they came."""
        world = self._world
        before, self._last[caller] = self._last[caller], run_id
        alone = world.faults.gates == "limited" and not world.paused
        # ids tell the order as far as clocks agree
        if alone and not world.apart and run_id < before:
            self._breaks(f"{run_id} of {caller} started after {before}")

    def on_claimed(self, run_id: str, number: int, fence: int, worker: str) -> None:
        pass

    def on_settled(self, run_id: str, number: int, fence: int, state: str, attempt: int) -> None:
        if (run_id, number, fence) in self._fences:
            self._breaks(f"stage {number} of {run_id} was settled twice at fence {fence}")
        self._fences.add((run_id, number, fence))

    def on_owed(self, run_id: str, delivery_id: str) -> None:
        if self._owed.setdefault(run_id, delivery_id) != delivery_id:
            self._breaks(f"{run_id} is owed two callbacks")

    def on_delivery(
        self, key: str, before: str, after: str, attempts: int, base: int, code: str | None
    ) -> None:
        if before == "delivered" and after != "pending":
            self._breaks(f"{key} went from delivered to {after}")
        if after == "permanently_failed" and code not in _FINAL and attempts - base != len(DELAYS) + 1:
            self._breaks(f"{key} was given up after {attempts - base} attempts")
        if before in {"delivered", "permanently_failed"}:
            # a replay starts a schedule of its own, at once
            self._next.pop((key, ""), None)

    def on_attempt(
        self, run_id: str, node: str, number: int, at: float, lasted: float, due: float | None
    ) -> None:
        self._on_schedule((run_id, node), number, at, lasted, due)

    def on_tried(
        self, key: str, number: int, at: float, lasted: float, due: float | None, _code: str | None
    ) -> None:
        self._on_schedule((key, ""), number, at, lasted, due)

    def _on_schedule(
        self, key: tuple[str, str], number: int, at: float, lasted: float, due: float | None
    ) -> None:
        before = self._next.get(key)
        if lasted < 0:
            self._breaks(f"an attempt of {key} took {lasted} s")
        if before is not None and before[1] is not None and at < before[1] - self._world.apart - _HAIR:
            self._breaks(f"attempt {number} of {key} came {before[1] - at:g} s early")
        if due is not None:
            waits = due - at - lasted
            if not any(delay - _HAIR <= waits <= 2 * delay + _HAIR for delay in DELAYS):
                self._breaks(f"attempt {number} of {key} is followed after {waits:g} s")
        self._next[key] = number, due

    def on_call(self, key: str, before: str, after: str, charged: int) -> None:
        if before == "done" or (before == "failed" and after != "intent"):
            self._breaks(f"the ended call {key} went from {before} to {after}")

    def on_limit(self, scope: str, day: str, spent: int, before: int, reserved: int) -> None:
        """What a service charges beyond its price cannot be refused; nothing is promised beyond the limit."""
        if reserved > before or not self._world.faults.excess:
            self._breaks(f"the limit of {scope} on {day} was passed: {spent} spent, {reserved} reserved")

    def on_opened(self, gate: str) -> None:
        if gate in self._open:
            self._breaks(f"the breaker of {gate} opened twice")
        self._open.add(gate)

    def on_shut(self, gate: str) -> None:
        self._open.discard(gate)
