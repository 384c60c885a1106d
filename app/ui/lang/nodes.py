"""Node types in the visitor's language: titles, groups, help, sockets and settings, found by their English.

Values are never touched: kinds, names of sockets and settings, and what a setting may be stay what the
graph file says; only what a person reads beside them is translated.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.tongues import DEFAULT
from app.ui.lang.catalogue import catalogue
from app.ui.lang.heard import heard
from app.ui.lang.say import MEANING, current, t
from app.ui.words import title

NodeType = dict[str, Any]
_VALUES = frozenset({"default", "enum", "const", "properties"})
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "boolean": "yes or no",
    "array": "list",
    "object": "group of values",
}
_CHOICE, _TYPE = f"{MEANING}choice", f"{MEANING}type"


def spoken_types(types: Iterable[Mapping[str, Any]]) -> list[NodeType]:
    """What ``Catalogue.describe()`` gives, said in the current language.

    Each gets ``group_label`` (``group`` decides the colour and stays), and ``english``: what a search by
    the English name finds.
    """
    return [_type(each) for each in types]


def spoken_sockets(sockets: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    """Sockets of nodes by id, said in the current language."""
    if current() == DEFAULT:
        return dict(sockets)
    return {
        node_id: {side: [_socket(each) for each in found] for side, found in sides.items()}
        for node_id, sides in sockets.items()
    }


def type_name(name: str) -> str:
    """A socket type as people call it: ``List[Image]`` is a list of pictures."""
    if name.startswith("List[") and name.endswith("]"):
        return t("List of {type}", type=type_name(name[5:-1]))
    return _known(name, _TYPE)


def choice_words(value: str) -> str:
    """A value that a setting may have, in words; also in English no type names of programs."""
    plain = value.replace("_", " ")
    return _known(plain, _CHOICE) if current() != DEFAULT else _TYPES.get(plain, plain)


def joined(text: str) -> str:
    """A docstring without its line ends inside paragraphs, as the catalogue has it."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _known(text: str, meaning: str = "") -> str:
    entry = catalogue(current()).get(f"{text}{meaning}")
    return entry if isinstance(entry, str) else text


def _type(given: Mapping[str, Any]) -> NodeType:
    english = f"{given['title']} {given['group']} {given['description']}"
    found = {**given, "group_label": _known(str(given["group"])), "english": english}
    if current() == DEFAULT:
        return found
    return found | {
        "title": _known(str(given["title"])),
        "description": _known(joined(str(given["description"]))),
        "inputs": [_socket(each) for each in given["inputs"]],
        "outputs": [_socket(each) for each in given["outputs"]],
        "settings_schema": spoken_schema(given["settings_schema"]),
    }


def _socket(given: Mapping[str, Any]) -> dict[str, Any]:
    """A socket of ours has help that we know; one that a user declared keeps the name it was given."""
    about = joined(str(given.get("description") or ""))
    said = _known(about)
    label = {"label": _known(title(str(given["name"])))} if said != about else {}
    return {
        **given,
        **label,
        "type_label": type_name(str(given["type"])),
        "description": said if said != about else heard(about),
    }


def spoken_schema(given: Any) -> Any:
    """A JSON Schema with help and labels said; names and values as they are."""
    if isinstance(given, list):
        return [spoken_schema(each) for each in given]
    if not isinstance(given, Mapping):
        return given
    found = {key: value if key in _VALUES else spoken_schema(value) for key, value in given.items()}
    if isinstance(given.get("description"), str):
        found["description"] = _known(joined(given["description"]))
    if isinstance(given.get("properties"), Mapping):
        found["properties"] = {
            name: {**spoken_schema(each), "label": _known(title(name))}
            for name, each in given["properties"].items()
        }
    return found
