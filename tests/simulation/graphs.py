"""Graphs of simulated worlds that pay, do work again, or start other runs."""

from functools import cache
from typing import Any

from graphs.catalogue import Catalogue
from graphs.document import parse
from graphs.plan import Plan, compile_plan
from tests.simulation.faults import GATES
from tests.support.site import graph, link, node

Json = dict[str, Any]
WIDE = ("paid", "redone", "nested")
PRICE = 250_000
CHILD = "child"


def document(name: str, gates: str) -> Json:
    """The graph file of a wide world; gates stand behind the trigger."""
    nodes, links = [node("input", "webhook_input")], []
    for kind, settings in (GATES[gates] or {}).items():
        links.append(link(f"{nodes[-1]['id']}.trigger", f"{kind}.trigger"))
        # three pictures a run: they shall not wait for weeks
        more = {"daily_credits": 4} if kind == "cost_monitor" and name == "nested" else {}
        nodes.append(node(kind, kind, **settings | more))
    if name == "nested":
        nodes += [
            node("list", "cheap_probe"),
            node("each", "map", workflow=CHILD, item_field="word", parallel=2, on_failure="skip"),
            node("last", "cheap_probe"),
        ]
        links += [link(f"{nodes[-4]['id']}.trigger", "list.a"), link("list.x", "each.items")]
        links.append(link("each.results", "last.a"))
    else:
        _painting(nodes, links, judged=name == "redone")
    return graph(nodes, links)


def child() -> Json:
    """What a map runs: a paid picture for each word."""
    nodes = [node("input", "webhook_input", fields=[{"name": "word", "type": "string", "required": True}])]
    links: list[Json] = []
    _painting(nodes, links, judged=False)
    return graph(nodes, links)


def _painting(nodes: list[Json], links: list[Json], *, judged: bool) -> None:
    nodes += [
        node("words", "prompt_builder", template="a lamp"),
        node("gen", "generator", provider="painter", model="m1", width=64, height=64),
    ]
    links.append(link("words.prompt", "gen.prompt"))
    if judged:
        nodes.append(node("judge", "judge", on_fail="redo", redo_from="gen", max_redos=2))
        links.append(link("gen.images", "judge.images"))


@cache
def plan_of(kinds: Catalogue, name: str, gates: str) -> Plan:
    """The compiled graph of a wide world, or of what its maps run."""
    made = child() if name == CHILD else document(name, gates)
    return compile_plan(parse(made), kinds)
