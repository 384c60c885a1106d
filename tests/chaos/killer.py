"""What kills: `kill -9` on one process of a role, or FLUSHALL on the broker."""

import contextlib
import dataclasses
import random
import socket
import time
from dataclasses import dataclass

import psutil

from tests.chaos.plant import Plant

SHARES = {"worker": 30, "web": 20, "broker": 18, "pool": 15, "FLUSHALL": 12, "supervisor": 5}
_PRESENT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Kill:
    """One blow: who, when, and whether the product was left alone afterwards until it served again."""

    victim: str
    at: float
    last: bool = False


class Killer:
    """Kills what it is told to, once it is there."""

    def __init__(self, plant: Plant, seed: int) -> None:
        self.kills: list[Kill] = []
        self._plant = plant
        self._random = random.Random(seed)

    def strike(self, victim: str) -> bool:
        """Kill one process of a role; False when none appeared in time."""
        deadline = time.monotonic() + _PRESENT_SECONDS
        while not (self._flush() if victim == "FLUSHALL" else self._kill(victim)):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def leave_alone(self) -> Kill:
        """Mark the latest blow as the last one for a while."""
        self.kills[-1] = dataclasses.replace(self.kills[-1], last=True)
        return self.kills[-1]

    def _kill(self, victim: str) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            process = self._random.choice(self._plant.role(victim))
            at = time.time()
            process.kill()
            self.kills.append(Kill(victim, at))
            return True
        return False

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


def order(kills: int, seed: int) -> list[tuple[float, str]]:
    """Gaps in seconds (0.2 to 3) and victims of a campaign; the same for the same seed."""
    chance = random.Random(seed)
    victims = chance.choices(list(SHARES), list(SHARES.values()), k=kills)
    return [(chance.uniform(0.2, 3.0), victim) for victim in victims]
