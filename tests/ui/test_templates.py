"""The gallery without a browser: its texts in every language, its search, addresses for new workflows."""

import pytest

from app.tongues import LANGUAGES
from app.ui.examples import PICTURES, examples
from app.ui.lang.catalogue import area
from app.ui.lang.say import use
from app.ui.templates.making import called, free_slug
from app.ui.templates.shelf import matching, shipped


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_cards_speak_every_language(language: str) -> None:
    """Rule: name, description and purpose of every shipped template have a text in each language."""
    known = area(language, "templates")
    texts = {text for each in examples() for text in (each.name, each.description, each.purpose)}
    assert texts == set(known)


def test_every_card_has_pictures_and_figures() -> None:
    """Rule: what ships was run: its pictures are there, small, and credits and seconds are known."""
    assert len(examples()) == 13
    for each in examples():
        assert each.pictures, each.key
        assert each.credits, each.key
        assert each.seconds, each.key
        for picture in each.pictures:
            assert 0 < (PICTURES / picture.file).stat().st_size < 40_000


def test_search_looks_at_every_text_and_the_node_types() -> None:
    """Rule: every word must be found somewhere; a category narrows further; another language is searched."""
    offers = shipped()
    assert [each.key for each in matching(offers, "", "circuit_breaker budget")] == ["catalogue-burst"]
    assert {each.key for each in matching(offers, "stories", "")} >= {"news-header", "anime-keyframes"}
    assert matching(offers, "own", "") == []
    with use("de"):
        assert [each.key for each in matching(shipped(), "", "schlüsselbilder")] == ["anime-keyframes"]


def test_a_new_workflow_gets_a_free_address() -> None:
    """Rule: the name makes the address; a taken one is counted up; a name without letters still gets one."""
    assert free_slug([], "Personal hero image") == "personal-hero-image"
    assert free_slug(["social-set", "social-set-2"], "Social set") == "social-set-3"
    assert free_slug([], "…") == "workflow"
    found = next(each for each in examples() if each.key == "catalogue-burst")
    assert called(found.graph) == ["product-image"]
