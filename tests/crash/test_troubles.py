"""Overload, a stop under load, a database that is held or full, a store that is full (R18, R19)."""

import contextlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.chaos import scenes
from tests.chaos.evidence import gather
from tests.chaos.house import DELAYS, Actor, House, until
from tests.chaos.invariants import violations

_SMALL = 4096


@pytest.fixture(scope="module")
def house(tmp_path_factory, zygote) -> Iterator[House]:
    """An installation with its door open and no worker; each test leaves it settled."""
    house = House(tmp_path_factory.mktemp("troubles"), zygote)
    with contextlib.closing(house):
        house.prepare()
        house.open()
        scenes.furnish(house)
        yield house


def ask(house: House, answers: list[httpx.Response]) -> None:
    body, headers = house.payload()
    with contextlib.suppress(httpx.TransportError):
        answer = house.http.post("/v1/hooks/words", json=body, headers=headers)
        answers.append(answer)
        if answer.status_code == 202:
            house.note(answer, "words")


def complete(house: House) -> None:
    """Work off what is open; then every promise holds."""
    with house.running("worker"):
        assert scenes.unsettled(house) == []
    found = gather(house.url, house.accepted, house.ledger.receipts, len(DELAYS) + 1)
    assert violations(found) == []


def stopped(actor: Actor) -> float:
    """Seconds from SIGTERM to the end."""
    began = time.monotonic()
    actor.stop(20)
    assert actor.status in {0, -signal.SIGTERM}, actor.said()
    return time.monotonic() - began


def test_a_stop_under_load_is_quick_and_loses_nothing(house):
    """Told to stop while triggers pour in and receivers dawdle, both roles are gone within 10 s (R18)."""
    worker, answers = house.start("worker"), []
    for _ in range(5):
        house.trigger("words", "very-slow")
    with ThreadPoolExecutor(8) as callers:
        for _ in range(60):
            callers.submit(ask, house, answers)
        until(lambda: len(answers) >= 15, 30, "the load came")
        seconds = [stopped(house.doors.pop()), stopped(worker)]
    assert max(seconds) <= 10
    assert {answer.status_code for answer in answers} <= {202, 503}
    house.open()
    complete(house)


def test_a_foreign_writer_delays_callers_and_no_more(house):
    """Somebody else holds SQLite's lock for 3 s: callers wait, nobody hears of a lock, nothing is lost."""
    answers: list[httpx.Response] = []
    with ThreadPoolExecutor(8) as callers, contextlib.closing(sqlite3.connect(house.url[10:])) as foreign:
        foreign.isolation_level = None
        foreign.execute("BEGIN IMMEDIATE")
        asked = [callers.submit(ask, house, answers) for _ in range(20)]
        time.sleep(3)
        assert answers == []
        foreign.execute("ROLLBACK")
        for each in asked:
            each.result()
    assert len(answers) == 20
    assert {answer.status_code for answer in answers} <= {202, 503}
    assert not any("lock" in answer.text for answer in answers)
    complete(house)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs prlimit, which Linux has")
def test_a_database_that_cannot_grow_refuses_and_recovers(house):
    """No room for another page: 503 and nothing stored; with room again the same process accepts (R19)."""
    last = house.http.get("/v1/runs").json()["items"][0]["job_id"]
    before = resource.prlimit(house.doors[-1].pid, resource.RLIMIT_FSIZE, (_SMALL, -1))
    answers: list[httpx.Response] = []
    for _ in range(3):
        ask(house, answers)
    made = house.http.post("/v1/workflows", json={"slug": "another"})
    resource.prlimit(house.doors[-1].pid, resource.RLIMIT_FSIZE, before)
    assert [answer.status_code for answer in answers] == [503] * 3
    assert [answer.json()["error_code"] for answer in answers] == ["trigger.unavailable"] * 3
    assert (made.status_code, made.json()["error_code"]) == (503, "http.unavailable")
    assert all("retry-after" in answer.headers for answer in [*answers, made])
    assert house.http.get("/v1/runs").json()["items"][0]["job_id"] == last
    ask(house, answers)
    assert answers[-1].status_code == 202
    complete(house)


@contextlib.contextmanager
def cramped(house: House) -> Iterator[int]:
    """The pid of a worker whose asset store is a disk of its own, of one megabyte."""
    assets = house.data / "assets"
    assets.mkdir(exist_ok=True)
    mount = f"mount -t tmpfs -o size=1m none {assets} && exec {sys.executable} -m app.cli worker"
    command = ["unshare", "-m", "sh", "-c", mount]
    if not shutil.which("unshare") or subprocess.run([*command[:4], "true"], check=False).returncode:
        pytest.skip("a mount of its own needs unshare and the right to use it")
    with (house.folder / "cramped.log").open("wb") as log:
        worker = subprocess.Popen(command, env=house.environment, stdout=log, stderr=log)
    try:
        until(lambda: str(assets) in Path(f"/proc/{worker.pid}/mounts").read_text(), 10, "the disk is there")
        yield worker.pid
    finally:
        worker.kill()
        worker.wait()


def test_a_full_asset_store_fails_runs_by_name_and_recovers(house):
    """No room for a picture: the run fails as `node.storage_full` and says so; later runs succeed."""
    with cramped(house) as pid:
        filler = Path(f"/proc/{pid}/root{house.data}/assets/filler")
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 65_536):
                pass
        full = house.settled(house.trigger("plain"))
        assert (full["status"], full["error"]["error_code"]) == ("failed", "node.storage_full")
        assert full["callback_status"] == "delivered"
        filler.unlink()
        assert house.settled(house.trigger("plain"))["status"] == "succeeded"
