"""A campaign: load on the real product while its processes are killed; then the questions."""

import json
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import httpx

from tests.chaos.evidence import Evidence, gather, reading, rows
from tests.chaos.figures import Figures, measure
from tests.chaos.invariants import violations
from tests.chaos.killer import Killer
from tests.chaos.load import Load
from tests.chaos.plant import DELAYS, SECRET, Plant
from tests.chaos.receiver import Ledger
from tests.chaos.watch import Watch
from tests.support.postgres import Server
from tests.support.postgres import url as url_of

SLUGS = {"chaos-instant": 0.9, "chaos-queued": 0.1}
_OPEN_RUNS = "SELECT count(*) AS count FROM run WHERE finished_at IS NULL"
_OPEN_DELIVERIES = "SELECT count(*) AS count FROM delivery WHERE finished_at IS NULL"
_OPEN_ENTRIES = "SELECT count(*) AS count FROM spend_entry"
_SERVED = "SELECT count(*) AS count FROM run WHERE created_at > :since AND finished_at IS NOT NULL"
_ASKED_AGAIN = 40
_LONGEST_BREATH = 30.0
Say = Callable[[str], None]


class Rig:
    """The product, its callers, its receiver, its killer and its watch, in one folder.

    Args:
        folder: Empty; afterwards it holds database and log.
        seed: Decides every choice of the rig.
        rate: Triggers a second.
        failing: Share of callbacks that the receiver refuses.
        say: Gets a line now and then.
        postgres: A running server to use instead of SQLite.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        rate: float,
        failing: float,
        say: Say,
        postgres: Server | None = None,
    ) -> None:
        self.seed = seed
        self._say = say
        self._ledger = Ledger(SECRET, failing, seed)
        url = url_of(postgres.sockets, "postgres") if postgres else ""
        self.plant = Plant(folder, self._ledger.address, url)
        self.plant.wait_ready()
        self.plant.publish("chaos-instant", model="procedural/instant-1", width=1024, height=1024, seed=1)
        self.plant.publish("chaos-queued", model="procedural/queued-1", width=512, height=512, seed=1)
        self.watch = Watch(self.plant.url)
        self.killer = Killer(self.plant, seed, postgres)
        self.away: list[tuple[float, float]] = []
        self.load = Load(self.plant.http, self._ledger.address, rate, SLUGS, seed)

    def campaign(self, plan: Iterable[tuple[float, str]], breath: int, seconds: float = float("inf")) -> None:
        """Strike after each gap, for so long; after every `breath` blows wait until it serves again."""
        began = time.monotonic()
        for number, (gap, victim) in enumerate(plan, 1):
            if time.monotonic() - began > seconds:
                self._say(f"the time is up after {number - 1} kills")
                return
            time.sleep(gap)
            struck = self.killer.strike(victim)
            counts = f"accepted {len(self.load.accepted)}, callbacks {len(self._ledger.receipts)}"
            what = f"{victim}" if struck else f"{victim} (not there)"
            self._say(f"{time.monotonic() - began:6.1f} s  {number:>3}  {what:<24} {counts}")
            if struck and number % breath == 0:
                self._await_service(self.killer.leave_alone().at)

    def outage(self, seconds: float) -> None:
        """Leave the product without a broker for so long, under load, and then in peace."""
        self._say(f"the broker is away for {seconds:g} s")
        self.away.append(self.killer.outage(seconds))
        self._await_service(self.killer.leave_alone().at)

    def settle(self, seconds: float) -> float:
        """Stop the load and wait until nothing is open; gives how long that took, at most `seconds`."""
        self.load.stop()
        began = time.monotonic()
        while (time.monotonic() - began) < seconds and self._open():
            time.sleep(0.1)
        return time.monotonic() - began

    def verdict(self) -> tuple[list[str], Figures]:
        """Every broken promise, and what was measured. The product still runs, and is asked too."""
        chance = random.Random(self.seed)
        again = chance.sample(self.load.accepted, min(_ASKED_AGAIN, len(self.load.accepted)))
        for each in again:
            self.load.again(each)
        self.watch.stop()
        evidence = gather(
            self.plant.url,
            self.load.accepted,
            self._ledger.receipts,
            len(DELAYS) + 1,
            self.watch.seen + self.load.broken_replays,
        )
        asked = [words for each in again for words in self._ask(evidence, each.job_id)]
        return [*violations(evidence), *asked, *self._roles()], measure(evidence, self.killer.kills)

    def close(self) -> list[str]:
        """Stop everything; gives what outlived the product."""
        self.load.stop()
        self.watch.stop()
        left = self.plant.stop()
        self._ledger.close()
        return [f"left after the end: {line}" for line in left]

    def _await_service(self, since: float) -> None:
        deadline = time.monotonic() + _LONGEST_BREATH
        while not self._count(_SERVED, since=since) and time.monotonic() < deadline:
            time.sleep(0.1)

    def _open(self) -> int:
        return sum(self._count(each) for each in (_OPEN_RUNS, _OPEN_DELIVERIES, _OPEN_ENTRIES))

    def _count(self, query: str, **values: float) -> int:
        with reading(self.plant.url) as connection:
            return int(rows(connection, query, **values)[0]["count"])

    def _ask(self, evidence: Evidence, run_id: str) -> list[str]:
        """The API says what the rows say, and the pictures open."""
        row, http = evidence.runs.get(run_id), self.plant.http
        if row is None or row["finished_at"] is None:
            return []
        shown = http.get(f"/v1/runs/{run_id}").json()
        body = http.get(f"/v1/runs/{run_id}/callback")
        wrong = [] if shown["status"] == row["status"] else [f"run {run_id}: the API says {shown['status']}"]
        if body.text != row["result"]:
            wrong.append(f"run {run_id}: GET callback is not what was sent")
        for output in json.loads(row["result"])["outputs"]:
            answer = httpx.get(output["asset_url"], trust_env=False)
            if answer.status_code != 200 or len(answer.content) != output["bytes"]:
                wrong.append(f"run {run_id}: {output['asset_url']} answers {answer.status_code}")
        return wrong

    def _roles(self) -> list[str]:
        counts = {name: len(self.plant.role(name)) for name in ("web", "worker", "broker")}
        fitting = counts["web"] == counts["broker"] == 1 <= counts["worker"]
        return [] if fitting else [f"processes at the end: {counts}"]
