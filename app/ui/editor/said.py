"""What of a document is called how, for people: nodes by title, settings by label, values as text. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.ui.editor.model import Document, node_of
from app.ui.forms.spec import form_fields
from app.ui.lang.say import n, t
from graphs.parts import ABSENT

_LONGEST = 2_000


class Names:
    """Looks names up in one document, then in others (what was removed is only in an older one)."""

    def __init__(self, types: Iterable[Mapping[str, Any]], *documents: Document) -> None:
        self._types = {each["type"]: each for each in types}
        self._documents = documents
        self._labels: dict[str, dict[str, str]] = {}

    def node(self, node_id: str) -> str:
        """A node's title, its type's, or its id."""
        found = self._node(node_id)
        if found is None:
            return node_id
        kind = self._types.get(found["type"], {})
        return str(found.get("title") or kind.get("title") or node_id)

    def icon(self, node_id: str) -> str:
        found = self._node(node_id)
        return str(self._types.get(found["type"], {}).get("icon") or "widgets") if found else "widgets"

    def path(self, node_id: str, path: tuple[str, ...]) -> str:
        """Where a value stands: labels of the form, then names inside the value."""
        first, *rest = path
        if first.startswith("@"):
            known = {
                "@title": t("Title"),
                "@name": t("Name"),
                "@description": t("Description"),
                "@recipe": t("Recipe in pictures"),
            }
            first = known.get(first, first[1:].replace("_", " ").capitalize())
        elif first == "workflow" and (found := self._recipe(node_id, *rest[:1])) is not None:
            first, rest = t("Recipe of ComfyUI"), [*found, *(each for each in rest[1:] if each != "inputs")]
        else:
            first = self._label(node_id, first)
        return " › ".join((first, *rest))

    def link(self, text: str) -> str:
        """``a.out → b.in`` with the nodes called by their titles."""
        ends = (end.rpartition(".") for end in text.split(" → "))
        return " → ".join(f"{self.node(node)} · {socket}" for node, _, socket in ends)

    def _recipe(self, node_id: str, step: str = "") -> list[str] | None:
        """What a step of a node's ComfyUI recipe is called there; None when the node has no recipe."""
        nodes = [found for each in self._documents if (found := node_of(each, node_id))]
        recipes = [found["settings"]["workflow"] for found in nodes if _has_recipe(found)]
        if not recipes or not step:
            return [] if recipes else None
        made: Mapping[str, Any] = next(
            (each[step] for each in recipes if isinstance(each.get(step), Mapping)), {}
        )
        meta = made.get("_meta")
        title = meta.get("title") if isinstance(meta, Mapping) else None
        return [f"{title or made.get('class_type') or ''} ({step})".strip()]

    def _node(self, node_id: str) -> Mapping[str, Any] | None:
        return next((found for each in self._documents if (found := node_of(each, node_id))), None)

    def _label(self, node_id: str, key: str) -> str:
        found = self._node(node_id)
        kind = self._types.get(found["type"]) if found else None
        if kind is None:
            return key
        if kind["type"] not in self._labels:
            fields = form_fields(kind["settings_schema"])
            self._labels[kind["type"]] = {field.name: field.label for field in fields}
        return self._labels[kind["type"]].get(key, key)


def _has_recipe(node: Mapping[str, Any]) -> bool:
    settings = node.get("settings") or {}
    return node["type"] == "comfy_workflow" and isinstance(settings.get("workflow"), Mapping)


def value_text(value: Any) -> str:
    """A value as people read it; long ones are cut."""
    if value is ABSENT or value is None:
        return t("not set")
    if isinstance(value, bool):
        return t("on") if value else t("off")
    return _text(value)[:_LONGEST] or t("empty")


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case list() if all(isinstance(each, str | int | float) for each in value):
            return ", ".join(map(str, value))
        case {"class_type": str(kind)}:
            return kind
        case {"name": str(name), "type": str(kind)}:
            return f"{name} ({kind})"
        case list():
            return n("{count} entry", "{count} entries", len(value))
        case _:
            return json.dumps(value, ensure_ascii=False)
