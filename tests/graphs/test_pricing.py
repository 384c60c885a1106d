"""What a run may cost, before it starts: exact, and never less than it will be (S65)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nodes
from graphs.catalogue import discover
from graphs.document import parse
from graphs.plan import Plan, compile_plan
from graphs.pricing import MICRO, Estimate, credits_of, estimate, micro

PRICES = {("rehearsal", "procedural/atelier-1"): micro(1.0), ("rehearsal", "cheap"): micro(0.1)}


def picture(count: int = 1, wired: bool = False, **settings: object) -> Plan:
    """The example workflow with these settings of its generator; wired takes the count from the trigger."""
    document = json.loads(Path("examples/product-image.json").read_text("utf-8"))
    generator = next(node for node in document["nodes"] if node["type"] == "generator")
    generator["settings"] |= {"count": count, **settings}
    if wired:
        entry = next(node for node in document["nodes"] if node["type"] == "webhook_input")
        entry["settings"]["fields"].append({"name": "pictures", "type": "integer"})
        document["links"].append({"from": [entry["id"], "pictures"], "to": [generator["id"], "count"]})
    return compile_plan(parse(document), discover(nodes))


def test_price_times_pictures_of_the_paid_nodes_alone():
    """Only nodes that name a provider and a model cost anything."""
    assert estimate(picture(3), {}, PRICES) == Estimate({"generator": 3 * MICRO})


@pytest.mark.parametrize(
    ("given_count", "pictures"), [(3, 3), (None, 2), ("3", 2), (True, 2), (0, 2), (10**9, 4)]
)
def test_the_trigger_says_how_many_pictures(given_count, pictures):
    """A count from the trigger wins over the setting; what the generator would refuse is not believed."""
    assert estimate(picture(2, wired=True), {"pictures": given_count}, PRICES).total == pictures * MICRO


def test_an_unknown_price_is_named():
    """A service that nobody knows the price of is free in the sum and listed."""
    found = estimate(picture(model="other/model"), {}, PRICES)
    assert (found.total, found.unknown) == (0, ("generator",))


def test_kept_results_cost_nothing():
    """A rerun does not pay again for what it keeps."""
    assert estimate(picture(), {}, PRICES, done={"generator"}).total == 0


@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_money_is_exact(amount):
    """Six decimals survive the way to micro-credits and back, as decimal and as text."""
    assert credits_of(micro(amount)) == amount
    assert micro(str(amount)) == micro(amount)


@given(st.lists(st.integers(0, 10_000), max_size=50))
def test_sums_of_tenths_are_exact(tenths):
    """Floats as prices are written add up to the last decimal."""
    total = sum(micro(each / 10) for each in tenths)
    assert credits_of(total) == sum((Decimal(each) / 10 for each in tenths), Decimal(0))


def test_credits_read_plainly():
    """No exponent and no useless zeros."""
    assert [str(credits_of(value)) for value in (0, 100_000_000, 100_000, 1)] == [
        "0",
        "100",
        "0.1",
        "0.000001",
    ]
