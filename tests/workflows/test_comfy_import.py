"""A node and a whole graph from a workflow of ComfyUI."""

import pytest

import nodes
from app.workflows.comfy_import import SocketNameError, node_settings, whole_graph
from graphs.catalogue import discover
from graphs.check import check
from graphs.comfy import offers, read
from graphs.trigger import TriggerContract
from tests.support.comfy import WORKFLOW

PICKED = [(each, each.name) for each in offers(read(WORKFLOW)) if each.chosen]


def test_the_graph_can_be_published_and_its_trigger_asks_for_what_was_chosen() -> None:
    """Rule: a prompt is required, seeds have no default, the rest keeps its value."""
    settings = node_settings(WORKFLOW, PICKED, "box", "workflow")
    document = whole_graph("Harbour", settings, PICKED)
    assert check(document, discover(nodes)) == []
    fields = {each.name: each for each in TriggerContract.of(document).fields}
    assert set(fields) == {"prompt", "negative", "seed", "width", "height"}
    assert fields["prompt"].required
    assert (fields["seed"].default, fields["width"].default) == (None, 96)
    assert fields["negative"].default == "watermark"


@pytest.mark.parametrize("names", [("a b", "x"), ("2nd", "x"), ("same", "same"), ("callback_url", "x")])
def test_names_that_no_socket_can_have_are_refused(names: tuple[str, str]) -> None:
    """Rule: a wrong, reserved or second name is told."""
    picked = [(offer, name) for (offer, _), name in zip(PICKED, names, strict=False)]
    with pytest.raises(SocketNameError) as refused:
        node_settings(WORKFLOW, picked, "box", "workflow")
    assert refused.value.name in names
