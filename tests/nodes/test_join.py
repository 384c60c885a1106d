"""Join: what fired goes on, in the order of the branches."""

import asyncio

import pytest

from nodes.join import Inputs, Join, Settings


def joined(ctx, given, **settings):
    return asyncio.run(Join(Settings(**settings)).run(Inputs(**given), ctx)).model_extra


def test_the_first_branch_that_fired_is_passed_on(ctx):
    """The order of the sockets decides, not the order of arrival; a branch that gave null did give."""
    assert joined(ctx, {"branch_3": "c", "branch_2": "b"}, branches=3) == {"value": "b"}
    assert joined(ctx, {"branch_1": None, "branch_2": "b"}) == {"value": None}


def test_all_branches_make_one_list(ctx, image):
    """Lists add their items, single values themselves."""
    one, two = image(), image(asset_id="a2")
    given = {"branch_2": [one, two], "branch_1": "x"}
    assert joined(ctx, given, take="all") == {"values": ["x", one, two]}


@pytest.mark.parametrize(
    ("take", "name", "kind"), [("first", "value", "Any"), ("all", "values", "List[Any]")]
)
def test_sockets_follow_the_settings(take, name, kind):
    """One optional input per branch; the output says whether it is a list."""
    settings = Settings(branches=3, take=take)
    assert [(each.name, each.required) for each in Join.inputs_for(settings)] == [
        ("branch_1", False),
        ("branch_2", False),
        ("branch_3", False),
    ]
    assert [(each.name, each.type) for each in Join.outputs_for(settings)] == [(name, kind)]
