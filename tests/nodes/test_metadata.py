"""Rules of alt text, caption, file name, title and keywords."""

import asyncio
import re
from dataclasses import replace

import pytest
from pydantic import ValidationError

from graphs.sockets import Style
from nodes.metadata import Inputs, Metadata, Settings

COLOURS = {"colours": (("e0cdb0", 0.5), ("14828a", 0.3), ("dfccaf", 0.1), ("ffffff", 0.1))}
FILE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*-\d+x\d+-[0-9a-f]{8}\.(jpg|png|webp)")


def describe(ctx, images, settings=None, **inputs):
    node = Metadata(Settings(**(settings or {})))
    inputs = {"subject": "Amber Candle"} | inputs
    return asyncio.run(node.run(Inputs(images=images, **inputs), ctx))


def test_the_words_of_a_typical_product(ctx, image):
    """Alt text, caption and file name say subject, colours, style, brand, platform and size (S57 to S59)."""
    run = replace(ctx, measures=COLOURS)
    picture = image(sha256="0a1b2c3d" + "0" * 56, format="jpeg", style="studio", platform_code="amazon")
    outputs = describe(run, [picture], {"brand": "Lumière"}, category="Home")
    (described,) = outputs.images
    assert described.alt_text == "Amber Candle in beige and teal tones, studio photograph"
    assert described.caption == "Amber Candle by Lumière, a studio photograph in beige and teal tones."
    assert described.filename_suggestion == "lumiere-amber-candle-studio-amazon-1280x1280-0a1b2c3d.jpg"
    assert outputs.title == "Amber Candle - Lumière"
    assert outputs.keywords == ["amber candle", "home", "lumière", "studio photograph", "beige", "teal"]


def test_the_same_facts_give_the_same_words(ctx, image):
    """Nothing is drawn by lot."""
    assert describe(ctx, [image()]) == describe(ctx, [image()])


@pytest.mark.parametrize(
    "subject",
    [
        "x" * 5000,
        "word " * 400,
        "Crème brûlée №5 東京",
        "🍵🍵🍵",
        "../../etc/passwd\x00",
        "{{brand}} <script>",
        "\n\t Mug \n",
        "a",
    ],
)
def test_lengths_and_alphabet_hold_for_any_subject(ctx, image, subject):
    """Whatever the name: alt text within 125, caption within 220, file name within 80, in plain ASCII."""
    picture = image(style="watercolour", platform_code="instagram_feed")
    brand = "A very long brand name indeed " * 2
    (described,) = describe(ctx, [picture], subject=subject, brand=brand).images
    assert 0 < len(described.alt_text) <= 125
    assert 0 < len(described.caption) <= 220
    stem = described.filename_suggestion.rpartition(".")[0]
    assert len(stem) <= 80
    assert FILE.fullmatch(described.filename_suggestion), described.filename_suggestion
    assert "instagram-feed-1280x1280" in stem


def test_two_pictures_never_share_a_file_name(ctx, image):
    """The digits of the content keep names apart within a batch."""
    names = [i.filename_suggestion for i in describe(ctx, [image(asset_id=str(n)) for n in range(4)]).images]
    assert len(set(names)) == 4


def test_a_platform_limits_its_captions(ctx, image):
    """The platform's own limit holds even where the settings allow more."""
    settings = {"caption": "{{subject}} " * 40, "caption_length": 2200}
    web, x = describe(ctx, [image(platform_code="web"), image(platform_code="x_post")], settings).images
    assert len(x.caption) <= 280 < len(web.caption)


def test_an_own_caption_uses_the_facts(ctx, image):
    """A caption template takes facts by name; what is unknown stays empty."""
    run = replace(ctx, measures=COLOURS)
    settings = {"caption": "{{subject}} ({{category|new}}) in {{colours}}{{brand}}"}
    assert describe(run, [image()], settings).images[0].caption == "Amber Candle (new) in beige and teal"


def test_a_caption_with_an_unknown_fact_is_refused():
    """A template that asks for what nobody knows is a settings error."""
    with pytest.raises(ValidationError, match="'price' is unknown"):
        Settings(caption="only {{price}}")


def test_a_brand_in_the_name_is_not_said_twice(ctx, image):
    """Brand and subject overlap often; each is said once."""
    outputs = describe(ctx, [image()], subject="Acme Mug", brand="Acme")
    assert outputs.title == "Acme Mug"
    assert outputs.images[0].caption.count("Acme") == 1
    assert outputs.images[0].filename_suggestion.count("acme") == 1


def test_the_linked_style_names_look_and_brand(ctx, image):
    """A style input goes before the style a picture was made in, and may bring the brand's name."""
    style = Style(key="house", title="Oil sketch", brand={"name": "Oak"})
    (described,) = describe(ctx, [image(style="noir")], style=style).images
    assert described.caption == "Amber Candle by Oak, an oil sketch."


def test_alt_text_does_not_say_image_of(ctx, image):
    """A screen reader says that already."""
    assert describe(ctx, [image()], subject="A photo of a mug").images[0].alt_text == "A mug"
