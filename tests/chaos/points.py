"""Every crash point once: a process dies there, another is started, and the promises still hold (R2)."""

import contextlib
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from app.points import Point
from tests.chaos import scenes
from tests.chaos.evidence import gather
from tests.chaos.house import DELAYS, House
from tests.chaos.invariants import violations
from tests.chaos.scenes import Play, asking, working
from tests.chaos.zygote import Zygote

Databases = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a point; `wrong` is empty when all is well, `seconds` is how long the scene took."""

    seconds: float
    wrong: str = ""


BIRTH: dict[Point, Play] = dict.fromkeys(
    (
        Point.MIGRATION_STARTED,
        Point.MIGRATION_APPLIED,
        Point.MIGRATION_COMMITTED,
        Point.BOOTSTRAP_WRITTEN,
        Point.BOOTSTRAP_COMMITTED,
        Point.EXAMPLE_PUBLISHED,
        Point.PREPARED,
    ),
    scenes.preparing,
)
WORK: dict[Point, Play] = {
    **dict.fromkeys(
        (
            Point.BEFORE_PROVIDER,
            Point.AFTER_PROVIDER,
            Point.ASSET_WRITTEN,
            Point.ASSET_ROW_WRITTEN,
            Point.STAGE_PERFORMED,
            Point.SETTLE_WRITTEN,
            Point.SETTLE_COMMITTED,
        ),
        working("counted"),
    ),
    Point.SPEND_BOOKED: working("counted"),
    **dict.fromkeys((Point.SPENT_NOTED, Point.SPENT_ADDED_UP), working("plain")),
    **dict.fromkeys((Point.CHILD_WRITTEN, Point.PARENT_WOKEN), working("nested")),
    Point.HEARTBEAT_COMMITTED: working(how="slow"),
    Point.DELIVERY_CLAIMED: scenes.waiting,
    **dict.fromkeys((Point.SCHEDULE_WRITTEN, Point.SCHEDULE_FIRED), scenes.scheduled),
    **dict.fromkeys((Point.ROWS_WRITTEN, Point.ROWS_TAKEN), scenes.filed),
    Point.HAND_BACK_STARTED: scenes.stopping,
    Point.HAND_BACK_COMMITTED: scenes.stopping,
}
RESCUE: dict[Point, Play] = {
    **dict.fromkeys(
        (
            Point.CLAIM_WRITTEN,
            Point.CLAIM_COMMITTED,
            Point.FINISH_WRITTEN,
            Point.BEFORE_SEND,
            Point.AFTER_SEND,
            Point.DELIVERY_WRITTEN,
            Point.DELIVERY_SETTLED,
        ),
        working(),
    ),
    **dict.fromkeys(
        (Point.SWEEP_LEADING, Point.SWEEP_WOKEN, Point.SWEEP_COMMITTED, Point.ORPHANS_ADOPTED),
        working(before=Point.CLAIM_COMMITTED),
    ),
}
DOORS: dict[Point, Play] = {
    **dict.fromkeys(
        (Point.ACCEPT_WRITTEN, Point.ACCEPT_COMMITTED, Point.ACCEPT_RUNG, Point.WRITER_MID_BATCH), asking
    ),
    Point.REJECT_COMMITTED: scenes.refused,
    Point.CANCEL_COMMITTED: scenes.cancelling,
    Point.PAUSE_COMMITTED: scenes.pausing,
    Point.UNPAUSE_COMMITTED: scenes.pausing,
    Point.REPLAY_COMMITTED: scenes.replaying,
    Point.RESUME_COMMITTED: scenes.resuming,
    Point.PUBLISH_WRITTEN: scenes.publishing,
    Point.PUBLISH_COMMITTED: scenes.publishing,
    Point.INBOX_STORED: scenes.keeping,
}
MONEY: dict[Point, Play] = {
    **dict.fromkeys(
        (
            Point.CALL_WRITTEN,
            Point.CALL_DEPARTED,
            Point.CALL_ANSWERED,
            Point.CALL_PICTURED,
            Point.CALL_NOTED,
        ),
        working("paid"),
    ),
    **dict.fromkeys((Point.JOB_NOTED, Point.JOB_POLLED), working("jobs")),
    Point.REDO_WRITTEN: working("redone"),
    Point.RESULT_KEPT: working("thrifty"),
}
GROUPS = (WORK, RESCUE, DOORS, MONEY)
POINTS = [point for group in (BIRTH, *GROUPS) for point in group]


class Campaign:
    """Plays every point in installations of their own, several at a time.

    Args:
        folder: Where they live.
        zygote: Forks the processes.
        databases: Gives the URL of a new database by name; None takes SQLite.
        groups: What is played besides the births; None for all, and the births.
    """

    def __init__(
        self,
        folder: Path,
        zygote: Zygote,
        databases: Databases | None = None,
        groups: Sequence[dict[Point, Play]] | None = None,
    ) -> None:
        self.verdicts: dict[Point, list[Verdict]] = {point: [] for point in POINTS}
        self.wrong: list[str] = []
        self._folder = folder
        self._databases = databases
        self._zygote = zygote
        self._births_too = groups is None
        self._groups = GROUPS if groups is None else groups
        self._lock = threading.Lock()

    def run(self, passes: int = 1) -> None:
        """Play every point `passes` times."""
        with ThreadPoolExecutor(len(GROUPS) + 1) as threads:
            played = [threads.submit(self._births, passes)] if self._births_too else []
            played += [threads.submit(self._group, n, group, passes) for n, group in enumerate(self._groups)]
            for each in played:
                each.result()

    def _births(self, passes: int) -> None:
        for number in range(passes):
            with contextlib.closing(self._house(f"birth-{number}")) as house:
                for point, play in BIRTH.items():
                    self._play(house, point, play)
                self._ask(house, scenes.born(house))

    def _group(self, number: int, group: dict[Point, Play], passes: int) -> None:
        with contextlib.closing(self._house(f"group-{number}")) as house:
            house.prepare()
            house.open()
            scenes.furnish(house)
            meant: set[str] = set()
            with house.running("worker") if group is DOORS else contextlib.nullcontext():
                for _ in range(passes):
                    for point, play in group.items():
                        meant.update(self._play(house, point, play))
                with house.running("worker") if group is not DOORS else contextlib.nullcontext():
                    self._ask(house, scenes.unsettled(house))
            self._ask(house, self._broken(house, meant))
            self._ask(house, scenes.overcharged(house))

    def _play(self, house: House, point: Point, play: Play) -> Sequence[str]:
        began, meant, wrong = time.monotonic(), (), ""
        try:
            meant = play(house, point)
        except Exception:  # noqa: BLE001 - the other points shall be played all the same
            wrong = traceback.format_exc()
        with self._lock:
            self.verdicts[point].append(Verdict(time.monotonic() - began, wrong))
        return meant

    def _ask(self, house: House, wrong: Sequence[str]) -> None:
        with self._lock:
            self.wrong += [f"{house.folder.name}: {words}" for words in wrong]

    @staticmethod
    def _broken(house: House, meant: set[str]) -> list[str]:
        found = gather(house.url, house.accepted, house.ledger.receipts, len(DELAYS) + 1)
        return violations(found.meaning(meant))

    def _house(self, name: str) -> House:
        return House(self._folder / name, self._zygote, self._databases(name) if self._databases else "")
