"""Map: one run per item, results in item order."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import ValidationError

from graphs.errors import PermanentError
from graphs.spawn import ChildResult
from nodes.map import Inputs, Map, Settings
from tests.nodes.conftest import RUN


def run(ctx, items, children=None, shared=None, **settings):
    ctx.run = replace(RUN, children=children)
    node = Map(Settings(workflow="painter", **settings))
    return asyncio.run(node.run(Inputs(items=items, **(shared or {})), ctx))


def test_each_item_becomes_the_fields_of_a_run(ctx):
    """The item in its field, or as an object of fields; what is shared goes to each, the item wins."""
    asked = run(ctx, ["a", "b"], shared={"tone": "warm"}, item_field="name", parallel=3)
    assert asked.items == ({"tone": "warm", "name": "a"}, {"tone": "warm", "name": "b"})
    assert (asked.parallel, asked.on_failure, asked.call.open) == (3, "fail", False)
    asked = run(ctx, [{"name": "a", "tone": "cold"}], shared={"tone": "warm"})
    assert (asked.items, asked.call.open) == (({"name": "a", "tone": "cold"},), True)


def test_an_item_that_is_no_object_needs_a_field(ctx):
    """The error names the item and what to do."""
    with pytest.raises(PermanentError, match="Item 2 is no object") as caught:
        run(ctx, [{}, "b"])
    assert caught.value.code == "trigger.wrong_type"


def test_an_empty_list_gives_empty_lists(ctx):
    """Nothing is asked for."""
    found = run(ctx, [])
    assert (found.images, found.results, found.failed, found.credits) == ([], [], 0, 0)


def test_more_than_a_thousand_items_are_refused(ctx):
    """A limit with its number, before anything is started."""
    with pytest.raises(PermanentError, match="1001 items"):
        run(ctx, ["x"] * 1001, item_field="name")


@pytest.mark.parametrize(
    ("how", "told"), [("collect", [{"n": 0}, {"n": 1}, {"n": 2}]), ("skip", [{"n": 0}, {"n": 2}])]
)
def test_results_stand_in_item_order(ctx, image, how, told):
    """Pictures of those that succeeded; failures are counted, and told when they are collected."""
    pictures = [image(asset_id=f"a{number}") for number in range(3)]
    children = tuple(
        ChildResult(
            number,
            f"run_{number}",
            "failed" if number == 1 else "succeeded",
            (pictures[number],),
            {"n": number},
            credit_cost=1.5,
        )
        for number in range(3)
    )
    found = run(ctx, ["a", "b", "c"], children, item_field="name", on_failure=how)
    assert (found.images, found.results) == ([pictures[0], pictures[2]], told)
    assert (found.failed, found.credits) == (1, 4.5)


def test_sockets_are_the_list_and_the_shared_fields():
    """The list is required; a shared field cannot take its name."""
    sockets = Map.inputs_for(Settings(shared=("tone",)))
    assert [(each.name, each.type, each.required) for each in sockets] == [
        ("items", "List[Any]", True),
        ("tone", "Any", False),
    ]
    with pytest.raises(ValidationError, match="the list itself"):
        Settings(shared=("items",))
