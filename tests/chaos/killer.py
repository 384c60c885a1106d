"""What kills: `kill -9` on one process of a role, FLUSHALL on the broker, a restart of PostgreSQL."""

import contextlib
import dataclasses
import random
import socket
import time
from dataclasses import dataclass

import psutil
from sqlalchemy.exc import DBAPIError

from tests.chaos.evidence import reading, rows
from tests.chaos.plant import Plant
from tests.support.postgres import Server

SHARES = {
    "worker": 22,
    "sweeper": 12,
    "web": 20,
    "broker": 17,
    "pool": 12,
    "FLUSHALL": 12,
    "supervisor": 5,
}
POSTGRES = "PostgreSQL"
_LEADER = "SELECT owner FROM leader"
_PRESENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Kill:
    """One blow: who, when, and whether the product was left alone afterwards until it served again."""

    victim: str
    at: float
    last: bool = False


class Killer:
    """Kills what it is told to, once it is there."""

    def __init__(self, plant: Plant, seed: int, postgres: Server | None = None) -> None:
        self._postgres = postgres
        self.kills: list[Kill] = []
        self._plant = plant
        self._random = random.Random(seed)

    def strike(self, victim: str) -> bool:
        """Kill one process of a role; False when none appeared in time."""
        deadline = time.monotonic() + _PRESENT_SECONDS
        while not self._blow(victim):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def leave_alone(self) -> Kill:
        """Mark the latest blow as the last one for a while."""
        self.kills[-1] = dataclasses.replace(self.kills[-1], last=True)
        return self.kills[-1]

    def outage(self, seconds: float) -> tuple[float, float]:
        """Take the broker away for so long, whoever starts it again; gives when it went and when it came."""
        folder = self._plant.broker.parent
        hidden = folder.with_name(f"{folder.name}.away")
        gone = time.time()
        folder.rename(hidden)
        try:
            while time.time() < gone + seconds:
                for process in self._plant.role("broker"):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
                time.sleep(0.2)
        finally:
            hidden.rename(folder)
        self.kills.append(Kill("broker, back", time.time()))
        return gone, self.kills[-1].at

    def _blow(self, victim: str) -> bool:
        if victim == "FLUSHALL":
            return self._flush()
        if victim == POSTGRES:
            return self._restart()
        return self._kill(victim)

    def _restart(self) -> bool:
        assert self._postgres
        self.kills.append(Kill(POSTGRES, time.time()))
        self._postgres.restart()
        return True

    def _kill(self, victim: str) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            sweeps = victim == "sweeper"
            process = self._leading() if sweeps else self._random.choice(self._plant.role(victim))
            at = time.time()
            process.kill()
            self.kills.append(Kill(victim, at))
            return True
        return False

    def _leading(self) -> psutil.Process:
        """The worker that sweeps; IndexError when nobody does."""
        owners = []
        with contextlib.suppress(DBAPIError), reading(self._plant.url) as connection:
            owners = [row["owner"].split(":")[1] for row in rows(connection, _LEADER)]
        leading = [each for each in self._plant.role("worker") if str(each.pid) in owners]
        return self._random.choice(leading)

    def _flush(self) -> bool:
        at = time.time()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.settimeout(2)
            link.connect(str(self._plant.broker))
            link.sendall(b"FLUSHALL\r\n")
            if link.recv(16).startswith(b"+OK"):
                self.kills.append(Kill("FLUSHALL", at))
                return True
        return False


def order(kills: int, seed: int, *, postgres: bool = False) -> list[tuple[float, str]]:
    """Gaps in seconds (0.2 to 3) and victims of a campaign; the same for the same seed."""
    chance = random.Random(seed)
    shares = SHARES | ({POSTGRES: 5} if postgres else {})
    victims = chance.choices(list(shares), list(shares.values()), k=kills)
    return [(chance.uniform(0.2, 3.0), victim) for victim in victims]
