"""A node that calls a workflow is replaced by what that workflow holds. Pure (S74)."""

from collections.abc import Mapping
from typing import Any

from app.ui.editor.folding import FoldError
from app.ui.lang.say import t
from graphs.catalogue import Catalogue
from graphs.document import parse
from graphs.fields import GATE_SOCKET
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, DELIVERY, QC, RATE_LIMITER, TRIGGER
from graphs.resolved import resolve

Json = dict[str, Any]
End = tuple[str, str]
_EDGE = frozenset({TRIGGER, RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR, DELIVERY})


def unfold(document: Mapping[str, Any], node_id: str, child: Mapping[str, Any], catalogue: Catalogue) -> Json:
    """The document with the nodes of `child` in place of the node that calls it, wired alike.

    Raises:
        FoldError: Something of the called workflow has no place here.
    """
    call = next(node for node in document["nodes"] if node["id"] == node_id)
    inner = [node for node in child["nodes"] if node["type"] not in _EDGE]
    if not inner:
        raise FoldError(t("the workflow holds nothing to unfold"))
    names = _names(document, inner)
    given = {link["to"][1]: tuple(link["from"]) for link in document["links"] if link["to"][0] == node_id}
    links = [link for link in document["links"] if node_id not in (link["from"][0], link["to"][0])]
    links += _inside(child, names, given)
    for link in document["links"]:
        if link["from"][0] == node_id:
            source = _outlet(link["from"][1], child, catalogue)
            links.append({"from": [names[source[0]], source[1]], "to": list(link["to"])})
    kept = [node for node in document["nodes"] if node["id"] != node_id]
    return {**document, "nodes": [*kept, *_placed(inner, names, call["position"])], "links": links}


def _names(document: Mapping[str, Any], inner: list[Json]) -> dict[str, str]:
    taken = {node["id"] for node in document["nodes"]}
    names: dict[str, str] = {}
    for node in inner:
        name, number = node["id"], 2
        while name in taken:
            name, number = f"{node['id'][:58]}_{number}", number + 1
        taken.add(name)
        names[node["id"]] = name
    return names


def _placed(inner: list[Json], names: Mapping[str, str], place: Any) -> list[Json]:
    left = min(node["position"][0] for node in inner)
    top = min(node["position"][1] for node in inner)
    return [
        {
            **node,
            "id": names[node["id"]],
            "position": [node["position"][0] - left + place[0], node["position"][1] - top + place[1]],
        }
        for node in inner
    ]


def _inside(child: Mapping[str, Any], names: Mapping[str, str], given: Mapping[str, Any]) -> list[Json]:
    """Links between the nodes that come in, and from what fed the calling node's inputs."""
    triggers = {node["id"]: node for node in child["nodes"] if node["type"] == TRIGGER}
    made = []
    for link in child["links"]:
        source, target = link["from"], link["to"]
        if target[0] not in names:
            continue
        to = [names[target[0]], target[1]]
        if source[0] in names:
            made.append({**link, "from": [names[source[0]], source[1]], "to": to})
        elif source[0] not in triggers or source[1] == GATE_SOCKET:
            raise FoldError(t("it reads the whole data of its call"))
        elif source[1] in given:
            made.append({"from": list(given[source[1]]), "to": to})
        elif _default(triggers[source[0]], source[1]) is not None:
            raise FoldError(t("its field “{field}” has a value of its own: link it first", field=source[1]))
    return made


def _default(trigger: Mapping[str, Any], name: str) -> Any:
    fields = trigger.get("settings", {}).get("fields", ())
    return next((field.get("default") for field in fields if field["name"] == name), None)


def _outlet(output: str, child: Mapping[str, Any], catalogue: Catalogue) -> End:
    """The output inside that stands behind one of the calling node."""
    if output == "passed":
        judges = [node["id"] for node in child["nodes"] if node["type"] == QC]
        if len(judges) == 1:
            return judges[0], "passed"
    if output != "images":
        raise FoldError(
            t("“{socket}” of it is used here, and only a run of its own gives that", socket=output)
        )
    deliveries = {node["id"] for node in child["nodes"] if node["type"] == DELIVERY}
    into = [
        link["from"] for link in child["links"] if link["to"][0] in deliveries and link["to"][1] == "images"
    ]
    found = [(each[0], each[1]) for each in into] if deliveries else _loose(child, catalogue)
    if len(found) != 1:
        raise FoldError(t("it gives pictures from several places; a workflow gives them from one"))
    return found[0]


def _loose(child: Mapping[str, Any], catalogue: Catalogue) -> list[End]:
    """Pictures that no other node takes."""
    used = {tuple(link["from"]) for link in child["links"]}
    resolved = resolve(parse(child), catalogue)
    return [
        (node_id, name)
        for node_id, node in resolved.nodes.items()
        for name, socket in (node.outputs or {}).items()
        if socket.type in {"Image", "List[Image]"} and (node_id, name) not in used
    ]
