"""Rules of the webhook delivery node; sending is the engine's."""

import asyncio

import pytest

from graphs.errors import PermanentError
from graphs.sockets import Prompt, Report
from nodes.webhook_delivery import Inputs, Settings, WebhookDelivery


def deliver(ctx, **inputs):
    return asyncio.run(WebhookDelivery(Settings()).run(Inputs(**inputs), ctx)).delivered


def test_pictures_are_delivered_in_their_order(ctx, image):
    """The list that arrives is the list of the callback, unchanged."""
    images = [image(asset_id="a1"), image(asset_id="a2")]
    assert deliver(ctx, images=images) == images


def test_missing_facts_are_filled_in_and_known_ones_kept(ctx, image):
    """A linked report and prompt complete pictures that lack their own."""
    bad, good = Report(passed=False), Report(passed=True)
    images = [image(), image(qc=good, prompt="own")]
    first, second = deliver(ctx, images=images, report=bad, prompt=Prompt(positive="a mug"))
    assert (first.qc, first.prompt) == (bad, "a mug")
    assert (second.qc, second.prompt) == (good, "own")


def test_delivering_nothing_is_an_error(ctx):
    """A run never succeeds with an empty delivery (S48)."""
    with pytest.raises(PermanentError) as caught:
        deliver(ctx, images=[])
    assert (caught.value.code, caught.value.field) == ("node.input_missing", "images")
