"""What a picture may say of its making: the graph without secrets, a prompt without a customer's words. Pure.

A document says how much (``recipe``): ``on`` (default) the graph and how this picture was made, ``values``
its trigger's fields too, ``off`` nothing. Settings that a node type marks as private never leave, and texts
lose addresses and whatever looks like a credential (feature notes C18).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from graphs.document import Document, to_json
from graphs.errors import UnknownKindError
from graphs.fields import RESERVED
from graphs.node import Node
from graphs.secrecy import NAMED, SHAPES

FORMAT = "sakuga.recipe/1"
_SHORTEST = 3
_HIDDEN = "(removed)"
_SECRET = re.compile(
    rf"\b{SHAPES}|\bkey[-_][A-Za-z0-9_+/=-]{{10,}}"
    r"|\b(?:bearer|basic|token|key)\s+[A-Za-z0-9._~+/=-]{12,}"
    r"|\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+",
    re.IGNORECASE,
)


class Kinds(Protocol):
    """Node types by kind, as the catalogue has them."""

    def get(self, kind: str) -> type[Node[Any, Any, Any]]: ...


def public_graph(document: Document, kinds: Kinds) -> dict[str, Any]:
    """The JSON object of a document that may be shown to whoever gets the picture."""
    whole = to_json(document)
    for node in whole["nodes"]:
        node["settings"] = _public(node["type"], node["settings"], kinds)
    cleaned: dict[str, Any] = scrubbed(whole)
    return cleaned


def scrubbed(value: Any) -> Any:
    """The same JSON with addresses and credentials in its texts replaced."""
    if isinstance(value, str):
        return _SECRET.sub(_HIDDEN, value)
    if isinstance(value, Mapping):
        return {str(scrubbed(name)): _entry(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(each) for each in value]
    return value


def _entry(name: str, value: Any) -> Any:
    """What stands under a name; a text under one such as ``api_key`` is a secret, whatever it looks like."""
    return _HIDDEN if isinstance(value, str) and value and NAMED.search(name) else scrubbed(value)


def masked(text: str, fields: Mapping[str, Any]) -> str:
    """A text in which the values of trigger fields are called by their names again: ``{{product_name}}``."""
    known = [(said, name) for name, value in fields.items() for said in _said(value)]
    if not known:
        return text
    names: dict[str, str] = {}
    for said, name in known:
        names.setdefault(said.casefold(), name)
    longest = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in longest), re.IGNORECASE)
    return pattern.sub(lambda found: f"{{{{{names.get(found[0].casefold(), 'value')}}}}}", text)


def business(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a trigger without what is meant for us alone, and without secrets."""
    return {name: _entry(name, value) for name, value in fields.items() if name not in RESERVED}


def written(recipe: Mapping[str, Any]) -> bytes:
    """A recipe as JSON; the same one always gives the same bytes."""
    return json.dumps(recipe, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _public(kind: str, settings: Mapping[str, Any], kinds: Kinds) -> dict[str, Any]:
    try:
        found = kinds.get(kind)
    except (UnknownKindError, KeyError):
        return {}
    shown = found.Settings.model_fields.keys() - found.private
    return {name: value for name, value in settings.items() if name in shown}


def _said(value: Any) -> Iterator[str]:
    """The texts and numbers in a field that are long enough to mean something."""
    if isinstance(value, str):
        said = value.strip()
        if len(said) >= _SHORTEST:
            yield said
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int | float):
        if len(str(value)) >= _SHORTEST:
            yield str(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _said(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _said(each)
