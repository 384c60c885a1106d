"""Rules of the ComfyUI node."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError
from graphs.node import Wait
from nodes.comfy_workflow import ComfyWorkflow, Settings
from tests.support.comfy import WORKFLOW

SOCKETS = [
    {"name": "prompt", "node": "6", "input": "text", "type": "Text"},
    {"name": "image", "node": "10", "input": "image", "type": "Image"},
]


def run(ctx, inputs, **settings):
    node = ComfyWorkflow(Settings(**({"workflow": WORKFLOW, "sockets": SOCKETS} | settings)))
    return asyncio.run(node.run(node.Inputs(**inputs), ctx))


def test_sockets_fill_the_workflow_and_seeds_are_new_in_each_run(ctx):
    """The request carries the whole workflow; the same run asks for the same seed, another for another."""
    image = {"sha256": "a" * 64, "format": "png"}
    assert run(ctx, {"prompt": "a fox", "image": image}).images
    again = replace(ctx, run=replace(ctx.run, job_id="run_2"), calls=[])
    run(ctx, {})
    run(again, {})
    first, second, other = *ctx.calls, again.calls[0]
    assert (first.provider, first.model, first.prompt) == ("comfyui", "workflow", "a fox")
    assert first.options["workflow"]["6"]["inputs"]["text"] == "a fox"
    assert first.options["pictures"] == [{"node": "10", "input": "image", **image}]
    seeds = [each.options["workflow"]["3"]["inputs"]["seed"] for each in (first, second, other)]
    assert seeds[0] == seeds[1] != seeds[2]
    run(ctx, {}, new_seeds=False)
    assert ctx.calls[-1].options["workflow"]["3"]["inputs"]["seed"] == 5


def test_sockets_are_what_was_chosen_and_nonsense_is_refused(ctx):
    """One socket per chosen input; a wrong workflow is no setting; an empty one says so."""
    sockets = ComfyWorkflow.inputs_for(Settings(workflow=WORKFLOW, sockets=SOCKETS))
    assert [(each.name, each.type, each.required) for each in sockets] == [
        ("prompt", "Text", False),
        ("image", "Image", False),
    ]
    with pytest.raises(ValueError, match="class_type"):
        Settings(workflow={"1": {"inputs": {}}})
    with pytest.raises(PermanentError, match="no workflow yet"):
        run(ctx, {}, workflow={})
    ctx.answer = Wait(1.0, {})
    assert isinstance(run(ctx, {}), Wait)
