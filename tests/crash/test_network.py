"""Workers on other hosts: two network namespaces, and a link that breaks while work is under way (S37)."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.serve import embedded
from app.serve.children import die_with_parent
from tests.chaos import scenes
from tests.chaos.evidence import gather, reading, rows
from tests.chaos.house import DELAYS, House, until
from tests.chaos.invariants import violations
from tests.chaos.watch import LONGEST_EXPIRED
from tests.support import postgres
from tests.support.site import free_port, plain_graph

NAMES = ("near", "far")
_HOLDERS = (
    "SELECT worker FROM stage WHERE state = 'running'"
    " UNION ALL SELECT worker FROM delivery WHERE status = 'sending'"
)
_FENCES = (
    "SELECT max(fence) AS fence FROM (SELECT fence FROM stage UNION ALL SELECT fence FROM delivery) AS claims"
)
_EXECUTORS = "SELECT DISTINCT executor FROM step WHERE status = 'succeeded' AND started_at > :since"


def ip(*words: str, check: bool = True) -> int:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.returncode


@dataclass
class Land:
    """An address that both hosts reach, each by a link of its own."""

    prefix: str = field(default_factory=lambda: f"10.{200 + os.getpid() // 250 % 50}.{os.getpid() % 250}")
    tag: str = field(default_factory=lambda: f"sk{os.getpid()}")

    @property
    def centre(self) -> str:
        return f"{self.prefix}.129"

    def space(self, name: str) -> str:
        return f"{self.tag}-{name}"

    def link(self, name: str) -> str:
        """Our end of the link to a host."""
        return f"{self.tag}{name[0]}"

    def build(self) -> None:
        ip("addr", "add", f"{self.centre}/32", "dev", "lo")
        for number, name in enumerate(NAMES):
            here, there = f"{self.prefix}.{number * 4 + 1}", f"{self.prefix}.{number * 4 + 2}"
            space, link = self.space(name), self.link(name)
            ip("netns", "add", space)
            ip("link", "add", link, "type", "veth", "peer", "name", "out", "netns", space)
            ip("addr", "add", f"{here}/30", "dev", link)
            ip("link", "set", link, "up")
            for words in (
                ("addr", "add", f"{there}/30", "dev", "out"),
                ("link", "set", "out", "up"),
                ("link", "set", "lo", "up"),
                ("route", "add", "default", "via", here),
            ):
                ip("-n", space, *words)

    def tear_down(self) -> None:
        for name in NAMES:
            ip("link", "del", self.link(name), check=False)
            ip("netns", "del", self.space(name), check=False)
        ip("addr", "del", f"{self.centre}/32", "dev", "lo", check=False)

    def switch(self, name: str, state: str) -> None:
        """Take a link `down`, or `up` again; no packet says goodbye."""
        ip("link", "set", self.link(name), state)


@pytest.fixture
def land() -> Iterator[Land]:
    land = Land()
    if os.geteuid() or not shutil.which("ip") or not shutil.which("unshare"):
        pytest.skip("network namespaces need root, ip and unshare")
    try:
        land.build()
    except AssertionError as error:
        land.tear_down()
        pytest.skip(f"network namespaces are not permitted here: {error}")
    yield land
    land.tear_down()


@contextlib.contextmanager
def valkey(host: str) -> Iterator[str]:
    """A broker at an address, without persistence."""
    port = str(free_port())
    command = [str(embedded.server_binary()), "--bind", host, "--port", port, "--protected-mode", "no"]
    process = subprocess.Popen(
        [*command, "--save", "", "--loglevel", "warning"],
        stdout=subprocess.DEVNULL,
        preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - only calls prctl
    )
    try:
        until(lambda: _listens(host, int(port)), 10, "the broker listens")
        yield f"redis://{host}:{port}/0"
    finally:
        process.kill()
        process.wait()


def _listens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def workers(land: Land, house: House) -> Iterator[None]:
    """A worker on each host, under the host's own name."""
    started = []
    for name in NAMES:
        role = f"hostname {name} && exec {sys.executable} -m app.cli worker"
        command = ["ip", "netns", "exec", land.space(name), "unshare", "-u", "sh", "-c", role]
        with (house.folder / f"{name}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    command,
                    env=house.environment,
                    stdout=log,
                    stderr=log,
                    preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - only calls prctl
                    start_new_session=True,
                )
            )
    try:
        yield
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def house(land: Land, tmp_path, zygote) -> Iterator[House]:
    """PostgreSQL, a broker, the API and the receiver here; no worker."""
    with postgres.restartable(listen=land.centre), valkey(land.centre) as redis:
        url = f"postgresql+psycopg://test@{land.centre}/postgres"
        house = House(tmp_path, zygote, url, redis, land.centre)
        with contextlib.closing(house):
            house.prepare()
            house.open()
            scenes.furnish(house)
            painted = plain_graph()
            paint = next(each for each in painted["nodes"] if each["id"] == "paint")
            paint["settings"] |= {"model": "procedural/atelier-1", "width": 1024, "height": 1024}
            house.workflow("painted", painted)
            yield house


def holders(house: House) -> set[str]:
    with reading(house.url) as connection:
        return {str(row["worker"]).partition(":")[0] for row in rows(connection, _HOLDERS)}


def executors(house: House, since: float) -> set[str]:
    with reading(house.url) as connection:
        return {str(row["executor"]).partition(":")[0] for row in rows(connection, _EXECUTORS, since=since)}


def works(house: House, names: set[str]) -> bool:
    """Whether runs that are triggered now are executed by all of these."""
    began = time.time()
    for job in [house.trigger("words") for _ in range(12)]:
        house.settled(job)
    return names <= executors(house, began)


@pytest.mark.timeout(180)
def test_a_host_that_loses_its_network_is_replaced_and_fenced_off(land, house):
    """Both hosts share the load; the cut-off one's runs go on elsewhere, its late results change nothing."""
    with workers(land, house):
        until(lambda: works(house, set(NAMES)), 60, "both hosts work")
        jobs = [house.trigger("painted", "slow") for _ in range(8)]
        until(lambda: holders(house) >= {"far"}, 30, "the far host holds something")
        land.switch("far", "down")
        cut = time.monotonic()
        for job in jobs:
            assert house.settled(job, LONGEST_EXPIRED)["callback_status"] == "delivered"
        taken_over = time.monotonic() - cut
        before = {job: house.run(job) for job in jobs}
        land.switch("far", "up")
        until(lambda: works(house, {"far"}), 60, "the far host works again")
        assert {job: house.run(job) for job in jobs} == before
        assert scenes.unsettled(house) == []
    assert taken_over <= LONGEST_EXPIRED
    found = gather(house.url, house.accepted, house.ledger.receipts, len(DELAYS) + 1)
    assert violations(found) == []
    with reading(house.url) as connection:
        # claimed, taken away, claimed by the other
        assert rows(connection, _FENCES)[0]["fence"] >= 3
