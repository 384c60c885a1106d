"""The message catalogues: ``<language>/<area>.json``, each an object from the English text to the other one.

A text with a number has two forms, ``[one, many]``; a language that knows no plural gives a plain string.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from app.tongues import LANGUAGES

Entry = str | tuple[str, str]


class CatalogueError(ValueError):
    """A catalogue file is wrong; the message names the file and the text."""


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """Every text of a language, all areas together; empty for English and for unknown languages."""
    found: dict[str, Entry] = {}
    for name in areas(language):
        found |= area(language, name)
    return found


@cache
def area(language: str, name: str) -> Mapping[str, Entry]:
    """The texts of one area, for example ``canvas``: what the browser is given.

    Raises:
        CatalogueError: The file is no object of texts.
    """
    place = files(__package__) / language / f"{name}.json"
    if not place.is_file():
        return {}
    given = json.loads(place.read_text("utf-8"))
    if not isinstance(given, dict):
        raise CatalogueError(f"{language}/{name}.json must be an object of texts")
    return {text: _entry(f"{language}/{name}.json", text, entry) for text, entry in given.items()}


def areas(language: str) -> list[str]:
    """The names of a language's files."""
    folder = files(__package__) / language
    if language == "en" or language not in LANGUAGES or not folder.is_dir():
        return []
    return sorted(each.name.removesuffix(".json") for each in folder.iterdir() if each.name.endswith(".json"))


def _entry(place: str, text: str, entry: object) -> Entry:
    match entry:
        case str():
            return entry
        case [str() as one, str() as many]:
            return one, many
        case _:
            raise CatalogueError(f"{place}: {text!r} must be a text, or a list of two for one and many")
