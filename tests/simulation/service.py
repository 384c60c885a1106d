"""A generation service that charges, loses answers and jobs, and keeps a ledger of its own."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from app.assets.library import Stored
from app.engine.services import Service
from app.providers.connection import Connection, ConnectionSettings
from app.providers.contract import Done, Model, Pending, Rendered
from app.providers.errors import JobEndedError, UnansweredError
from graphs.errors import AmbiguousError, PermanentError, ThrottledError, TransientError
from graphs.pricing import MICRO
from tests.simulation.graphs import PRICE
from tests.support.rig import ORG

if TYPE_CHECKING:
    from tests.simulation.world import World

_LOST = "no answer came, though it was charged"
_CREDITS = PRICE / 1_000_000


class Painter:
    """The service behind every generator of a world; stands in for the product's providers."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.charged: Counter[str] = Counter()
        # what was charged beyond the price
        self.excess: Counter[str] = Counter()
        # keys of requests under way
        self.asked: Counter[str] = Counter()
        self._jobs = 0
        keyed = ConnectionSettings(idempotent=world.faults.keyed)
        models = (Model("m1", "M", _CREDITS),)
        connection = Connection(
            "prv_1", ORG, "painter", "openai_images", "http://x", models, keyed, True, 0, 0, "s"
        )
        provider: Any = self
        self._service = Service(connection, provider)

    async def find(self, _org_id: str, _name: str) -> Service:
        return self._service

    @property
    def total(self) -> int:
        """All that was charged, in micro-credits."""
        return sum(self.charged.values()) + sum(self.excess.values())

    def waive(self, key: str) -> None:
        """Nobody at the product saw what a call cost; people settle for its price."""
        self.excess[key] = 0

    async def submit(self, request: Any, key: str) -> Done | Pending:
        """One paid request."""
        self.asked[key] += 1
        try:
            return await self._answer(key)
        finally:
            self.asked -= Counter([key])

    async def _answer(self, key: str) -> Done | Pending:
        world = self._world
        world.tell("service", "asked", key)
        await asyncio.sleep(world.rng.choice([0.0, 0.2, 3.0, 25.0]))
        outcome = world.drawn(world.faults.service) or "done"
        if outcome == "busy":
            raise TransientError("node.provider_unavailable", "the service is down")
        if outcome == "throttled":
            wait = world.rng.uniform(0, 90)
            raise ThrottledError("node.provider_rate_limited", "slower", retry_after=wait)
        if outcome == "wrong" and not self.charged[key]:
            raise PermanentError("node.provider_rejected_input", "not like this")
        self._charge(key)
        if outcome == "lost":
            if world.faults.keyed:
                raise UnansweredError("node.provider_timeout", _LOST)
            raise AmbiguousError("node.provider_outcome_unknown", _LOST)
        if outcome == "job":
            self._jobs += 1
            return Pending({"id": self._jobs, "key": key, "polls": 0}, world.rng.uniform(0, 20))
        return self._done(key, known=world.faults.keyed)

    async def poll(self, job: dict[str, Any]) -> Done | Pending:
        """How a job is doing; one that ends badly is paid back."""
        world = self._world
        await asyncio.sleep(world.rng.choice([0.0, 0.5]))
        outcome = world.drawn(world.faults.job) or "done"
        if outcome == "busy":
            raise TransientError("node.provider_unavailable", "the service is down")
        if outcome == "ended":
            self._pay_back(job["key"])
            raise JobEndedError(TransientError("node.provider_unavailable", "the job ended"))
        if outcome == "more" and job["polls"] < 3:
            return Pending({**job, "polls": job["polls"] + 1}, world.rng.uniform(0, 20))
        return self._done(job["key"], known=True)

    async def cancel(self, job: dict[str, Any]) -> bool:
        """Stop a job; a stopped one is paid back."""
        stopped = self._world.happens(0.5)
        self.waive(job["key"])
        if stopped:
            self._pay_back(job["key"])
        return stopped

    def _pay_back(self, key: str) -> None:
        del self.charged[key]
        self.waive(key)

    def _done(self, key: str, *, known: bool) -> Done:
        """Pictures, and what they cost, the same however often it is asked; sometimes more than was said."""
        world = self._world
        if key not in self.excess:
            more = known and world.happens(world.faults.excess)
            self.excess[key] = PRICE * world.rng.choice([1, 2]) if more else 0
            world.tell("service", "charged beyond the price", key, self.excess[key])
        cost = (self.charged[key] + self.excess[key]) / MICRO
        return Done((Rendered(b"\x00\x01\x02\x03", 1),), "m1", cost)

    def _charge(self, key: str) -> None:
        world = self._world
        if world.faults.keyed and self.charged[key]:
            return
        self.charged[key] += PRICE
        step = ":".join(key.split(":")[:3])
        paid = sum(amount for each, amount in self.charged.items() if f"{each}:".startswith(f"{step}:"))
        world.tell("service", "charged", key)
        if paid > PRICE:
            world.story.breaks(f"{step} was charged {paid / PRICE:g} times")


class Shelf:
    """The asset store of a world: everything fits, nothing is decoded."""

    async def put(self, data: bytes, *, shared: bool = False) -> Stored:
        return Stored(data.hex() * 8, "png", 1, 1, len(data))

    def has(self, _sha256: str, _form: str) -> bool:
        return True

    def url(self, sha256: str, form: str) -> str:
        return f"http://sakuga.test/a/{sha256}.{form}"
