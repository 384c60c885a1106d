"""A run that nobody can go on with says so, whatever it did when the last worker left."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert

from app.engine import waits
from app.store import runs
from app.store.runs import RunRow
from app.store.tables import leader
from graphs.node import Wait
from tests.support.rig import ORG, Clock, Rig

Build = Callable[..., Rig]


def seen(rig: Rig, run_id: str) -> RunRow:
    """The run as whoever asks for it sees it."""
    with rig.db.read() as reading:
        found = runs.get(reading, runs.Scope(ORG), run_id)
        assert found is not None
        return waits.closely(reading, found)


def looked_after(rig: Rig, until: float) -> None:
    """A worker leads until then."""
    with rig.db.write() as writing:
        writing.execute(delete(leader))
        writing.execute(insert(leader).values(name="sweeper", owner="w1", until=until))


@pytest.mark.parametrize("does", ["works", "sleeps"])
def test_a_run_whose_workers_are_gone_waits_for_one(rig: Build, clock: Clock, does: str) -> None:
    """Neither "running" nor a moment that has passed is said of what no worker is there for."""
    here = rig()
    here.acts["one"] = lambda *_: Wait(30, {"until": 1}, reason="delay")
    run_id = here.start()
    if does == "works":
        here.claim((run_id, 0))
    else:
        while here.turn():
            pass
    looked_after(here, clock.now + 5)
    before = "running" if does == "works" else "waiting"
    assert seen(here, run_id).status == before
    clock.now += 60
    found = seen(here, run_id)
    wait = json.loads(found.wait or "{}")
    assert (found.status, wait["reason"]) == ("waiting", "worker")
    assert "it goes on as soon as one starts" in wait["explanation"]
    looked_after(here, clock.now + 5)
    again = seen(here, run_id)
    assert again.status == before
    assert "no worker" not in (again.wait or "")
