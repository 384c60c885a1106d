"""Reading prompts and style hints."""

import pytest

from app.providers.procedural.words import STYLES, read, style_of


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("Amber perfume bottle, 50 ml", "bottle"),
        ("A woman with a coffee cup", "person"),
        ("Running shoes on a rock", "shoe"),
        ("leather handbags", "bag"),
        ("coffee mug in a garden by the sea", "mug"),
        ("a small house by the lake", "house"),
        ("face cream", "bottle"),
        ("Café in the rain", "house"),
        ("quarterly report", None),
    ],
)
def test_subject_is_the_first_thing_named(prompt, subject):
    """Things beat places, places beat words that only colour a sentence."""
    assert read(prompt).subject == subject


def test_hour_place_and_colours_are_read():
    """Night beats dusk; colours come in order, each once; accents do not matter."""
    reading = read("Crimson and GOLD sail, gold light, sunset turning to night on the océan")
    assert (reading.hour, reading.place) == ("night", "sea")
    assert reading.colours == ("a4133c", "d4a373")


def test_cream_is_a_colour_unless_it_is_the_thing():
    """A cream bag is coloured cream; a hand cream is a bottle of any colour."""
    assert read("cream bag").colours == ("f3e6d0",)
    assert read("hand cream").colours == ()


@pytest.mark.parametrize(
    ("hint", "style"),
    [
        ("studio", "studio-product"),
        ("Studio-Product", "studio-product"),
        ("watercolor", "watercolour"),
        ("manga", "anime"),
        ("film noir, heavy grain, low key", "noir"),
        ("clean studio packshot on seamless paper, anime-free", "studio-product"),
        ("cyberpunk street", "neon"),
        ("flat", "editorial-flat"),
        ("layered paper", "papercut"),
    ],
)
def test_styles_are_found_by_key_alias_or_longer_text(hint, style):
    """The first word that names a style decides."""
    assert style_of(hint) == (style, True)


def test_every_key_names_itself():
    """A style's own key always selects it."""
    assert [style_of(key) for key in STYLES] == [(key, True) for key in STYLES]
