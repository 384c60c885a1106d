"""Who is outside: a generation service that charges, and receivers that answer as drawn."""

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app import clock
from app.delivery.signing import SignatureInvalidError, verify
from app.egress.client import Answer
from app.egress.errors import EgressError
from graphs.errors import AmbiguousError, PermanentError, ThrottledError, TransientError
from graphs.node import RunInfo, Wait
from tests.support.rig import SECRET

if TYPE_CHECKING:
    from tests.simulation.world import World


class NoReplyError(EgressError):
    code = "timeout"
    sent = True


class Provider:
    """Charges once for each idempotency key, and keeps the ledger."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.charged: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    async def act(self, run: RunInfo, inputs: dict[str, Any]) -> Any:
        """One call for one step."""
        world = self._world
        world.tell("provider", "called", run.job_id, run.node_id, run.attempt)
        await asyncio.sleep(world.rng.choice([0.0, 0.2, 3.0, 25.0]))
        outcome = world.drawn(world.faults.provider) or "done"
        if outcome == "wait" and (run.state or {}).get("polls", 0) < 3:
            return Wait(world.rng.uniform(0, 20), {"polls": (run.state or {}).get("polls", 0) + 1})
        if outcome in {"busy", "throttled", "wrong"}:
            self._refuse(outcome)
        key = run.job_id, run.node_id
        self.charged[key].add(run.idempotency_key)
        if len(self.charged[key]) > 1:
            world.story.breaks(f"{key} was charged under {len(self.charged[key])} keys")
        if outcome == "lost_reply":
            raise TransientError("node.provider_timeout", "charged, and the reply was lost")
        if outcome == "unknown":
            raise AmbiguousError("node.provider_outcome_unknown", "no answer, and no way to ask")
        return {"x": 1}

    def _refuse(self, outcome: str) -> None:
        if outcome == "throttled":
            raise ThrottledError(
                "node.provider_rate_limited", "slower", retry_after=self._world.rng.uniform(0, 90)
            )
        if outcome == "wrong":
            raise PermanentError("node.provider_rejected_input", "not like this")
        raise TransientError("node.provider_unavailable", "the service is down")


class Receivers:
    """All receivers: what came, and what was answered. Stands in for the product's egress."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.got: defaultdict[str, list[tuple[float, str, bytes]]] = defaultdict(list)
        self.accepted: set[str] = set()

    async def request(self, method: str, url: str, **asked: Any) -> Answer:
        world, headers, body = self._world, asked["headers"], asked["content"]
        wall = clock.wall()
        outcome = world.drawn(world.faults.receiver) or "fine"
        world.tell("receiver", outcome, urlsplit(url).path, headers["webhook-id"])
        await asyncio.sleep(world.rng.choice([0.0, 0.1, 2.0]))
        if outcome == "hangs":
            await asyncio.sleep(30.0)
            raise NoReplyError
        self._check(url, headers, body, wall)
        if outcome == "lost_reply":
            raise NoReplyError
        status = {"fails": 500, "slow_down": 429, "gone": 410}.get(outcome, 204)
        if status == 204:
            self.accepted.add(headers["webhook-id"])
        asks = {"retry-after": str(world.rng.choice([1, 45, 9_999]))} if status == 429 else {}
        return Answer(status, asks, b"", truncated=False, elapsed=0.1)

    def _check(self, url: str, headers: dict[str, str], body: bytes, wall: float) -> None:
        path = urlsplit(url).path
        seen = self.got[path]
        seen.append((clock.now(), headers["webhook-id"], body))
        if seen[0][1:] != seen[-1][1:]:
            self._world.story.breaks(f"{path} was told in two ways")
        try:
            verify([SECRET], headers, body, now=wall, tolerance=1)
        except SignatureInvalidError:
            self._world.story.breaks(f"{path} got a signature that does not hold")
