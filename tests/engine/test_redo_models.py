"""Redos in any graph, in any order of work, with crashes: a simple model says what must come out (S45)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import networkx as nx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.engine.sweep import MAX_CRASHES
from app.store import tables
from graphs.generations import load, split
from graphs.node import Redo
from tests.support import probes
from tests.support.rig import LEASE


@dataclass(frozen=True)
class Case:
    """A graph, which of its nodes are cheap, who goes back where and how often, and who cuts when."""

    sources: dict[str, tuple[str, ...]]
    cheap: frozenset[str]
    redos: dict[str, str]
    times: dict[str, int]
    cuts: frozenset[tuple[str, int]]

    @property
    def links(self) -> str:
        trigger, pairs = "input.trigger", []
        for node, found in self.sources.items():
            ends = zip(found, "abc", strict=False)
            pairs += [f"{trigger if each == 'input' else f'{each}.x'}>{node}.{end}" for each, end in ends]
        return " ".join(pairs)

    @property
    def graph(self) -> "nx.DiGraph[str]":
        edges = [(each, node) for node, found in self.sources.items() for each in found]
        return nx.DiGraph(edges)


@st.composite
def cases(draw: Callable) -> Case:
    count = draw(st.integers(4, 10))
    names = [f"n{index}" for index in range(count)]
    sources, cheap = {}, set()
    for index, name in enumerate(names):
        above = st.sampled_from(["input", *names[:index]])
        sources[name] = tuple(draw(st.lists(above, min_size=1, max_size=3, unique=True)))
        if draw(st.integers(0, 9)) > 5:
            cheap.add(name)
    graph = nx.DiGraph([(each, node) for node, found in sources.items() for each in found])
    starts = {name: sorted(nx.ancestors(graph, name) - cheap - {"input"}) for name in names}
    askers = st.sampled_from([name for name in names if starts[name]] or [""])
    chosen = [name for name in draw(st.lists(askers, min_size=1, max_size=3, unique=True)) if name]
    redos = {name: draw(st.sampled_from(starts[name])) for name in chosen}
    times = {name: 2 - draw(st.integers(0, 1)) for name in redos}
    cuts = draw(st.frozensets(st.tuples(st.sampled_from(names), st.integers(0, 2)), max_size=2))
    return Case(sources, frozenset(cheap), redos, times, cuts)


def digest(node: str, generation: int, inputs: dict) -> str:
    """What a node makes: another value for other inputs or another generation."""
    text = json.dumps([node, generation, inputs], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Bench:
    """One run of a case, worked on in a random order by two workers that may die."""

    def __init__(self, rig, number: int, case: Case, chance: Random, *, deaths: int) -> None:
        self.rig, self.case, self.chance, self.deaths = rig, case, chance, deaths
        cheap = " ".join(case.cheap)
        version = f"model_{number}"
        rig.plans[version] = self.plan = probes.plan(rig.kinds, case.links, cheap=cheap, redos=case.redos)
        rig.acts.by_node = dict.fromkeys(case.sources, self.act)
        rig.acts.calls.clear()
        self.run_id = rig.start(plan=self.plan, version_id=version, workflow_id=f"wfl_{number}")
        rig.bells.clear()
        self.held: list = []
        self.sound = not deaths

    def act(self, run, inputs):
        if run.redos < self.case.times.get(run.node_id, 0):
            return Redo({"n": run.redos}, "again")
        if (run.node_id, run.generation) in self.case.cuts:
            return {}
        return {"x": digest(run.node_id, run.generation, inputs)}

    def work(self) -> None:
        for _ in range(2_000):
            if self.rig.run(self.run_id).finished_at is not None:
                return
            self.move()
        raise AssertionError("the run did not end")

    def move(self) -> None:
        ready = [
            (row.run_id, row.number) for row in self.rig.stages(self.run_id).values() if row.state == "ready"
        ]
        if ready and (not self.held or self.chance.random() < 0.5):
            self.held += self.rig.claim(*self.chance.sample(ready, self.chance.randint(1, len(ready))))
        elif self.held:
            self.chance.shuffle(self.held)
            some = self.chance.randint(1, len(self.held))
            batch, self.held = self.held[:some], self.held[some:]
            if self.dies():
                return
            for settled in self.rig.settle(*[self.rig.decide(each) for each in batch]):
                self.held += [] if self.dies() else settled.claimed
        else:
            self.rig.clock.now += LEASE + 1
            self.rig.sweep()

    def dies(self) -> bool:
        # fewer times than a stage may crash before it is given up
        if self.deaths == 0 or self.chance.random() > 0.25:
            return False
        self.deaths -= 1
        return True

    def check(self) -> None:
        run = self.rig.run(self.run_id)
        assert run.status == "succeeded"
        redos = load(run.redos)
        assert [redo.generation for redo in redos] == list(range(1, len(redos) + 1))
        rows = self.rig.rows(tables.step, tables.step.c.run_id == self.run_id)
        holding, _ = split(rows, redos)
        self.check_rows(holding, redos)
        self.check_counts(holding, redos)
        states = {row.state for row in self.rig.stages(self.run_id).values()}
        assert states <= {"done", "cancelled"}

    def check_rows(self, holding, redos) -> None:
        """Every node holds a row of the last generation that opened it, made of the rows that hold."""
        made = {}
        for node in nx.topological_sort(self.case.graph):
            if node == "input":
                made[node] = {}
                continue
            last = max((r.generation for r in redos if self.depends(node, r.start)), default=0)
            row = holding[node]
            assert row.generation == last, node
            ends = zip(self.case.sources[node], "abc", strict=False)
            inputs = {end: made[each] for each, end in ends if each in made}
            if not inputs:
                assert row.status == "skipped", node
            elif (node, last) not in self.case.cuts:
                assert json.loads(row.outputs) == {"x": digest(node, last, inputs)}, node
                made[node] = digest(node, last, inputs)

    def check_counts(self, holding, redos) -> None:
        """Who asks is heard as often as it asked; nothing is called twice for one generation."""
        asked = [redo.by for redo in redos]
        for node, times in self.case.times.items():
            assert asked.count(node) <= times
            assert holding[node].status == "skipped" or asked.count(node) == times
        keys = [key for *_, key in self.rig.acts.calls]
        if self.sound:
            assert len(keys) == len(set(keys))
        for node in self.case.sources:
            if not any(self.depends(node, redo.start) for redo in redos) and self.sound:
                assert self.rig.acts.count(node) <= 1

    def depends(self, node: str, start: str) -> bool:
        return node == start or start in nx.ancestors(self.case.graph, node)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("deaths", [0, MAX_CRASHES - 1])
def test_every_node_holds_what_its_last_generation_made(rig, deaths):
    """Whatever the graph, the redos, the order and the deaths: rows that hold are made of such rows."""
    r = rig()
    numbers = iter(range(10**6))
    count = 20 if r.db.dialect == "sqlite" else 6

    @settings(
        max_examples=count,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(), chance=st.integers(0, 10**6))
    def holds(case, chance):
        bench = Bench(r, next(numbers), case, Random(chance), deaths=deaths)
        bench.work()
        bench.check()

    holds()
