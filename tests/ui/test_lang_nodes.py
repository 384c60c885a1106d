"""Node types in every language: what the catalogue of nodes says has a text in each."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import nodes
from app.assets.imaging.presets import load_platforms
from app.tongues import LANGUAGES
from app.ui.editor.judged import searched
from app.ui.forms.spec import form_fields
from app.ui.lang.catalogue import catalogue
from app.ui.lang.nodes import choice_words, joined, spoken_sockets, spoken_types, type_name
from app.ui.lang.say import use
from app.ui.words import title
from graphs.catalogue import Catalogue, discover
from nodes.presets import styles

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(scope="module")
def described() -> list[dict[str, Any]]:
    return Catalogue(discover(nodes)).describe()


def _schema(given: Mapping[str, Any]) -> Iterator[str]:
    for name, each in given.get("properties", {}).items():
        yield title(name)
        yield from _inside(each)
    for each in given.get("$defs", {}).values():
        yield from _schema(each)
        yield from _inside({"enum": each.get("enum", ())})


def _inside(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("description"):
        yield joined(given["description"])
    for value in (*given.get("enum", ()), *([given["const"]] if "const" in given else ())):
        if isinstance(value, str) and not value.isupper():  # GET and POST are the same everywhere
            yield f"{value.replace('_', ' ')}##choice"
    for inner in (given.get("items"), given.get("additionalProperties"), *given.get("anyOf", ())):
        if isinstance(inner, Mapping):
            yield from _inside(inner)


def _texts(described: list[dict[str, Any]]) -> Iterator[str]:
    for each in described:
        yield from (each["title"], each["group"], joined(each["description"]))
        for socket in (*each["inputs"], *each["outputs"]):
            # what a switch says of a case that nobody has written is no sentence
            if socket["description"] != "Taken when the value is .":
                yield title(socket["name"])
                yield joined(socket["description"])
        yield from _schema(each["settings_schema"])
    for key in (*styles(), *load_platforms()):
        yield f"{key.replace('_', ' ')}##choice"


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_every_node_type_is_translated(language: str, described: list[dict[str, Any]]) -> None:
    """Rule: no node type, socket, setting, choice or preset is left in English."""
    known = catalogue(language)
    missing = {text for text in _texts(described) if text not in known}
    # the placeholder of an example is said by a pattern of the area `server`
    assert sorted(text for text in missing if "{{" not in text) == []


def test_names_and_choices_change_and_values_stay(described: list[dict[str, Any]]) -> None:
    """Rule: only what people read is translated; kinds, socket names, groups and values stay as in the "
    "file."""
    with use("de"):
        spoken = {each["type"]: each for each in spoken_types(described)}
        limiter, before = (
            spoken["rate_limiter"],
            next(each for each in described if each["type"] == "rate_limiter"),
        )
        assert (limiter["title"], limiter["group"], limiter["group_label"]) == (
            "Ratenbegrenzer",
            "Gates",
            "Schleusen",
        )
        assert [each["name"] for each in limiter["inputs"]] == [each["name"] for each in before["inputs"]]
        labels = {each.name: each.label for each in form_fields(limiter["settings_schema"])}
        assert labels["window_seconds"] == "Zeitfenster in Sekunden"
        assert (choice_words("one_of"), type_name("List[Image]")) == ("einer von", "Liste: Bild")
        assert (
            before["settings_schema"]["properties"].keys() == limiter["settings_schema"]["properties"].keys()
        )


@pytest.mark.parametrize("words", ["ratenbegrenzer", "rate limiter", "schleusen", "gates limiter"])
def test_a_search_finds_the_name_in_the_language_and_the_english_one(
    words: str, described: list[dict[str, Any]]
) -> None:
    """Rule: whoever knows a node type by its English name finds it in any language."""
    with use("de"):
        assert "rate_limiter" in {each["type"] for each in searched(spoken_types(described), words)}


def test_sockets_that_people_named_keep_their_names() -> None:
    """Rule: a field that a user declared is shown as it was called; its help is said where it is ours."""
    mine = {"name": "images", "type": "Text", "required": False, "description": "Bilder des Kunden"}
    ours = {"name": "subject", "type": "Text", "required": False, "description": "Text for {{subject}}."}
    with use("ja"):
        spoken = spoken_sockets({"n": {"inputs": [mine, ours], "outputs": []}})["n"]["inputs"]
    assert "label" not in spoken[0]
    assert "label" not in spoken[1]
    assert spoken[1]["description"] == "{{subject}} のテキスト。"
