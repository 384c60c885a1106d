"""Why a result does not hold, in the visitor's words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.ui.lang.say import t
from app.ui.words import title
from graphs.stale import Reason


def why(reason: Reason, document: Mapping[str, Any], types: Sequence[Mapping[str, Any]]) -> str:
    """One short sentence for a card and for the panel."""
    names = ", ".join(title(name) for name in reason.names)
    match reason.code:
        case "settings":
            return t("{names} changed", names=names)
        case "links":
            return t("Linked otherwise: {names}", names=names)
        case "inputs":
            return t("Payload changed: {names}", names=names)
        case "upstream":
            return t("{title} changed before it", title=titled(document, types, reason.names[0]))
        case "outside":
            return _outside(reason.names[0])
        case _:
            return _PLAIN[reason.code]()


def titled(document: Mapping[str, Any], types: Sequence[Mapping[str, Any]], node_id: str) -> str:
    """What a node is called on its card."""
    node = next((each for each in document.get("nodes", ()) if each["id"] == node_id), None)
    if node is None:
        return node_id
    kind = next((each for each in types if each["type"] == node["type"]), {})
    return str(node.get("title") or kind.get("title") or node_id)


def _outside(told: str) -> str:
    what, _, name = told.partition(":")
    if what == "workflow":
        return t("Workflow {name} was published anew", name=name)
    if what == "preset":
        return t("Preset {name} changed", name=name)
    return t("Service {name} was changed", name=name) if what == "service" else told


_PLAIN = {
    "never": lambda: t("Has not run yet"),
    "failed": lambda: t("Did not succeed last time"),
    "type": lambda: t("Another type of node than last time"),
    "version": lambda: t("The node type was renewed"),
    "pin": lambda: t("Its pinned result changed"),
}
