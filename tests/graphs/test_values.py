"""Gathering inputs, skipping, and what an output is."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from graphs.node import Open
from graphs.plan import Binding, PlanNode
from graphs.sockets import Image
from graphs.values import Unfired, fired, fired_json, gather


def node(*inputs: Binding) -> PlanNode:
    return PlanNode("n", "any", "Any", {}, inputs, 0, "cheap")


def image() -> Image:
    return Image(asset_id="a", sha256="0" * 64, format="png", width=1, height=1, bytes=1, caption="x")


def test_values_arrive_under_the_names_of_the_inputs() -> None:
    """Each input gets what the output it is linked to has given."""
    step = node(Binding("subject", "in", "name"), Binding("style", "st", "out"))
    assert gather(step, {"in": {"name": "mug", "other": 1}, "st": {"out": 2}}) == {
        "subject": "mug",
        "style": 2,
    }


@pytest.mark.parametrize(
    ("how", "value", "arrives"),
    [
        ("", 1, 1),
        ("text", 3, "3"),
        ("text", 3.0, "3"),
        ("text", 2.5, "2.5"),
        ("wrap", "a", ["a"]),
        ("text_wrap", 7, ["7"]),
        ("each_text", [1, 2.5], ["1", "2.5"]),
        ("listed", "a", ["a"]),
        ("listed", ["a"], ["a"]),
    ],
)
def test_values_change_as_the_plan_says(how: str, value: object, arrives: object) -> None:
    """One value into a list becomes its only item, a number into text its digits."""
    assert gather(node(Binding("i", "s", "o", convert=how)), {"s": {"o": value}}) == {"i": arrives}


def test_a_required_input_that_did_not_fire_skips_the_node() -> None:
    """The answer names the inputs at fault."""
    step = node(Binding("a", "s", "o", required=True), Binding("b", "t", "o"))
    assert gather(step, {"s": {}, "t": {"o": 1}}) == Unfired(("a",))
    assert gather(step, {"t": {"o": 1}}) == Unfired(("a",))


def test_an_optional_input_that_did_not_fire_is_absent() -> None:
    """The node's own default applies."""
    step = node(Binding("a", "s", "o"), Binding("b", "t", "o"))
    assert gather(step, {"t": {"o": 1}}) == {"b": 1}


def test_a_node_all_of_whose_links_are_cut_is_skipped() -> None:
    """Even if every input is optional, a branch that was not taken does not run."""
    assert gather(node(Binding("a", "s", "o"), Binding("b", "t", "o")), {}) == Unfired(("a", "b"))


def test_a_node_without_links_runs() -> None:
    """Nothing can be cut off from it."""
    assert gather(node(), {}) == {}


def test_null_fires() -> None:
    """Only an output left unset does not fire."""
    assert gather(node(Binding("a", "s", "o", required=True)), {"s": {"o": None}}) == {"a": None}


class Branch(BaseModel):
    ok: str | None = None
    refused: int | None = None


def test_only_set_outputs_fire() -> None:
    """Defaults are no results; a value set on purpose is, even null."""
    assert fired(Branch(ok="x")) == {"ok": "x"}
    assert fired_json(Branch(refused=None)) == {"refused": None}
    assert fired(Open(anything=3)) == {"anything": 3}  # type: ignore[call-arg]


class Pictures(BaseModel):
    images: list[Image] = []


def test_outputs_survive_the_database() -> None:
    """JSON of what fired gives equal objects back to the next stage."""
    outputs = Pictures(images=[image()])
    stored = json.loads(json.dumps(fired_json(outputs)))
    inputs = gather(node(Binding("images", "s", "images")), {"s": stored})
    assert Pictures.model_validate(inputs) == outputs


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.booleans()), max_size=8),
    st.dictionaries(st.integers(0, 5).map(str), st.dictionaries(st.integers(0, 2).map(str), st.integers())),
)
def test_join_rule(links: list[tuple[int, int, bool]], outputs: dict[str, dict[str, int]]) -> None:
    """A node runs when all required inputs fired and, if it has links, at least one did."""
    bindings = [Binding(f"i{n}", str(a), str(b), required) for n, (a, b, required) in enumerate(links)]
    lit = {each.socket for each in bindings if each.source_socket in outputs.get(each.source_node, {})}
    needed = {each.socket for each in bindings if each.required}
    found = gather(node(*bindings), outputs)
    if needed <= lit and (lit or not bindings):
        assert not isinstance(found, Unfired)
        assert set(found) == lit
    else:
        assert isinstance(found, Unfired)
        assert set(found.sockets) == {each.socket for each in bindings} - lit


def test_gathering_costs_microseconds() -> None:
    """It runs for every node of every run: at most 10 µs for six inputs (processor time, best of five)."""
    step = node(*(Binding(f"i{n}", f"s{n}", "o", required=True) for n in range(6)))
    outputs = {f"s{n}": {"o": n} for n in range(6)}

    def cost() -> float:
        started = time.process_time()
        for _ in range(2_000):
            gather(step, outputs)
        return (time.process_time() - started) / 2_000

    assert min(cost() for _ in range(5)) <= 10e-6
