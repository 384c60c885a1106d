"""Workflows of ComfyUI: what is recognised in them, what is refused, where values go."""

import json

import pytest

from graphs.comfy import ComfyFormatError, filled, is_comfy, offers, read, seeds
from nodes.comfy_workflow import Place
from tests.support.comfy import WORKFLOW


def test_the_inputs_that_people_want_are_recognised() -> None:
    """Rule: prompts by what the sampler takes, seed, size and pictures are chosen; the rest is offered."""
    found = {each.name: each for each in offers(read(WORKFLOW))}
    chosen = {name: (each.node, each.type) for name, each in found.items() if each.chosen}
    assert chosen == {
        "seed": ("3", "Integer"),
        "width": ("5", "Integer"),
        "height": ("5", "Integer"),
        "prompt": ("6", "Text"),
        "negative": ("7", "Text"),
        "image": ("10", "Image"),
    }
    assert {"checkpoint", "steps", "cfg", "sampler_name", "scheduler"} <= set(found)
    assert len(offers(read(WORKFLOW))) == len(found)


def test_files_of_the_editor_and_broken_ones_say_what_to_do() -> None:
    """Rule: the editor's format names the menu entry; a wrong node and a loose link name their place."""
    editor = {"last_node_id": 3, "nodes": [{"id": 1, "type": "KSampler"}], "links": []}
    assert is_comfy(editor)
    assert is_comfy({"prompt": WORKFLOW, "client_id": "x"})
    assert not is_comfy({"format": "sakuga.graph/1", "nodes": []})
    with pytest.raises(ComfyFormatError, match=r"Save \(API Format\)"):
        read(editor)
    loose = json.loads(json.dumps(WORKFLOW))
    loose["3"]["inputs"]["model"] = ["99", 0]
    with pytest.raises(ComfyFormatError, match="99") as wrong:
        read(loose)
    assert (wrong.value.node, wrong.value.field) == ("3", "model")
    with pytest.raises(ComfyFormatError, match="class_type") as wrong:
        read({"1": {"class_type": "A", "inputs": {}}, "2": {"inputs": {}}})
    assert wrong.value.node == "2"
    with pytest.raises(ComfyFormatError, match="at most"):
        read({str(number): {"class_type": "A"} for number in range(600)})


def test_values_go_to_their_places_and_the_workflow_stays() -> None:
    """Rule: seeds are drawn, a socket wins over that, pictures go apart."""
    places = [
        Place(name="prompt", node="6", input="text"),
        Place(name="seed", node="3", input="seed", type="Integer"),
        Place(name="image", node="10", input="image", type="Image"),
        Place(name="gone", node="77", input="x"),
    ]
    image = [{"sha256": "a" * 64, "format": "png"}]
    made, pictures = filled(WORKFLOW, places, {"prompt": "a fox", "image": image, "gone": "x"}, 9)
    assert (made["6"]["inputs"]["text"], made["3"]["inputs"]["seed"]) == ("a fox", 9)
    assert pictures == [{"node": "10", "input": "image", "sha256": "a" * 64, "format": "png"}]
    assert WORKFLOW["3"]["inputs"]["seed"] == 5
    assert filled(WORKFLOW, places, {"seed": 1}, 9)[0]["3"]["inputs"]["seed"] == 1
    assert filled(WORKFLOW, places, {}, None)[0]["3"]["inputs"]["seed"] == 5
    assert seeds(WORKFLOW) == [("3", "seed")]
