"""Node types that do what a test tells them, and the graphs they stand in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel, Field, JsonValue

import nodes
from graphs import node
from graphs.catalogue import AnyNode, Catalogue, discover
from graphs.document import parse
from graphs.errors import TransientError
from graphs.node import Context, Node, RunInfo, Wait
from graphs.plan import Plan, compile_plan
from graphs.sockets import Image

Act = Callable[[RunInfo, dict[str, Any]], Any]


class Acts:
    """What each probe does, by node id, and every call it got as (node id, run id, attempt, key)."""

    def __init__(self) -> None:
        self.by_node: dict[str, Act] = {}
        self.calls: list[tuple[str, str, int, str]] = []

    def __setitem__(self, node_id: str, act: Act) -> None:
        self.by_node[node_id] = act

    def count(self, node_id: str) -> int:
        return sum(1 for called, *_ in self.calls if called == node_id)

    async def play(self, run: RunInfo, inputs: dict[str, Any]) -> Any:
        self.calls.append((run.node_id, run.job_id, run.attempt, run.idempotency_key))
        result = self.by_node.get(run.node_id, lambda _run, _inputs: {"x": run.node_id})(run, inputs)
        return await result if isinstance(result, Awaitable) else result


class Settings(node.Settings):
    note: str = ""
    on_fail: str = ""
    redo_from: str = ""
    max_redos: int = 5


class Inputs(BaseModel):
    a: JsonValue = None
    b: JsonValue = None
    c: JsonValue = None


class Outputs(BaseModel):
    x: JsonValue = Field(None)
    y: JsonValue = Field(None)


class JudgeInputs(BaseModel):
    images: list[Image] = Field([])


class PaidSettings(Settings):
    provider: str = "painter"
    model: str = "m1"


class PaidOutputs(Outputs):
    images: list[Image] = Field([])


def painted(cost: float, name: str = "a") -> dict[str, Any]:
    """What a paid probe answers: one picture that cost so many credits."""
    look = {"sha256": name, "format": "png", "width": 1, "height": 1, "bytes": 1, "model_id": "m1"}
    return {"x": name, "images": [Image(asset_id=f"ast_{name}", credit_cost=cost, **look)]}


def catalogue(acts: Acts) -> Catalogue:
    """The product's node types and two probes; what an act returns is set on ``x`` and ``y``."""

    async def run(self: Any, inputs: Inputs, context: Context) -> Outputs | Wait:
        result = await acts.play(context.run, inputs.model_dump(exclude_unset=True))
        return Outputs(**result) if isinstance(result, dict) else result

    async def pay(self: Any, inputs: Inputs, context: Context) -> PaidOutputs | Wait:
        result = await acts.play(context.run, inputs.model_dump(exclude_unset=True))
        return PaidOutputs(**result) if isinstance(result, dict) else result

    def probe(
        name: str, how: str, model: Any = Node[Settings, Inputs, Outputs], act: Any = run
    ) -> type[AnyNode]:
        body = {
            "kind": name,
            "title": name,
            "group": "Test",
            "weight": how,
            "regenerates": how == "slow",
            "cacheable": how == "slow",
            "run": act,
            "__doc__": "A probe.",
        }
        return type(name, (Node,), {**body, "__orig_bases__": (model,)})

    judge = probe("judge", "cheap", Node[Settings, JudgeInputs, Outputs])
    paid = probe("paid_probe", "slow", Node[PaidSettings, Inputs, PaidOutputs], pay)
    return Catalogue([*discover(nodes), probe("probe", "slow"), probe("cheap_probe", "cheap"), paid, judge])


def plan(
    kinds: Catalogue,
    links: str,
    *,
    cheap: str = "",
    paid: str = "",
    gates: dict[str, dict[str, Any]] | None = None,
    redos: dict[str, str] | None = None,
    cache: dict[str, int] | None = None,
) -> Plan:
    """A plan from links such as ``input.trigger>one.a one.x>two.b``; gates stand behind the input.

    ``redos`` names probes that may ask for a redo, each with the probe to go back to; ``cache`` those that
    may reuse earlier results, with seconds.
    """
    pairs = [tuple(each.split(">")) for each in links.split()]
    names = dict.fromkeys(end.split(".")[0] for pair in pairs for end in pair)
    known = {"input": "webhook_input", **dict.fromkeys(cheap.split(), "cheap_probe")}
    known |= dict.fromkeys(paid.split(), "paid_probe")
    entries = [
        {
            "id": name,
            "type": known.get(name, "probe"),
            "title": name,
            "settings": {"on_fail": "redo", "redo_from": redos[name]} if redos and name in redos else {},
            "position": [0, 0],
            **({"cache": {"seconds": cache[name]}} if cache and name in cache else {}),
        }
        for name in names
    ]
    last = next(reversed(gates)) if gates else "input"
    wires = [
        {
            "from": [last, "trigger"] if source == "input.trigger" else source.split("."),
            "to": target.split("."),
        }
        for source, target in pairs
    ]
    before = "input"
    for kind, settings in (gates or {}).items():
        entries.append({"id": kind, "type": kind, "title": kind, "settings": settings, "position": [0, 0]})
        wires.append({"from": [before, "trigger"], "to": [kind, "trigger"]})
        before = kind
    document = {"format": "sakuga.graph/1", "name": "t", "nodes": entries, "links": wires}
    return compile_plan(parse({**document, "groups": [], "notes": []}), kinds)


def failing(error: Exception, times: int = 10**9) -> Act:
    """Raise so many times, then succeed."""
    left = iter(range(times))

    def act(run: RunInfo, inputs: dict[str, Any]) -> Any:
        if next(left, None) is not None:
            raise error
        return {"x": "at last"}

    return act


def held(gate: asyncio.Event) -> Act:
    """Wait until the test opens the gate."""

    async def act(run: RunInfo, inputs: dict[str, Any]) -> Any:
        await gate.wait()
        return {"x": "released"}

    return act


def busy(retry_after: float | None = None) -> TransientError:
    return TransientError("node.provider_unavailable", "the service is down", retry_after=retry_after)


def raising(error: Exception) -> Any:
    raise error
