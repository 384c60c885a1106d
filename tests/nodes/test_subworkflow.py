"""Sub-workflow: asks for one run, and takes what it came to."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError
from graphs.spawn import Call, ChildResult, Spawn
from nodes.subworkflow import Inputs, Settings, Subworkflow
from tests.nodes.conftest import RUN

SETTINGS = Settings(workflow="painter", version=2, fields=("name", "look"))


def run(ctx, children=None, **given):
    ctx.run = replace(RUN, children=children)
    return asyncio.run(Subworkflow(SETTINGS).run(Inputs(**given), ctx))


def test_it_asks_for_one_run_with_the_fields_that_fired(ctx, image):
    """A field without a value is not sent; pictures travel as JSON."""
    asked = run(ctx, name=image(), look=None)
    assert asked == Spawn(Call("painter", 2, frozenset({"name", "look"})), asked.items)
    assert asked.items[0].keys() == {"name"}
    assert asked.items[0]["name"]["width"] == 1280


def test_what_the_run_delivered_is_passed_on(ctx, image):
    """Pictures, verdict, cost and the result as JSON."""
    child = ChildResult(0, "run_2", "succeeded", (image(),), {"status": "success"}, credit_cost=2.5)
    found = run(ctx, (child,), name="x")
    assert (found.images, found.passed, found.credits) == ([image()], True, 2.5)
    assert found.result == {"status": "success"}
    assert not run(ctx, (replace(child, quality_warning=True),)).passed


def test_its_failure_is_the_steps_failure(ctx):
    """Code and words are those of the run."""
    child = ChildResult(0, "run_2", "failed", error_code="node.qc_failed", error_description="too dark")
    with pytest.raises(PermanentError, match="too dark") as caught:
        run(ctx, (child,))
    assert caught.value.code == "node.qc_failed"


def test_fields_are_inputs():
    """One optional socket per field, each once."""
    sockets = Subworkflow.inputs_for(Settings(fields=("a", "b", "a")))
    assert [(each.name, each.type, each.required) for each in sockets] == [
        ("a", "Any", False),
        ("b", "Any", False),
    ]
