"""Graph files as an attacker would write them; every text in them tries to set ``window.__tripped``."""

import json
from typing import Any

TRIP = "window.__tripped=(window.__tripped||0)+1"
SCRIPT = (
    f'<img src=x onerror="{TRIP}"><script>{TRIP}</script>"\');{TRIP};(\'"'
    f"{{{{constructor.constructor('{TRIP}')()}}}}</textarea><svg onload={TRIP}>${{{TRIP}}}"
)
STRANGE = "\u202egnirts\u202c \u200b\u200d\u2066 👩‍👩‍👧‍👦 עברית العربية \u0301\u0301 𝕏"
MEANINGS = ("__proto__", "constructor", "toString", "hasOwnProperty", "onNodeAdded", "configure", "then")


def scripted() -> dict[str, Any]:
    """Script wherever a draft may hold words, and names that mean something to JavaScript."""
    nodes: list[dict[str, Any]] = [
        _node(
            "input",
            "webhook_input",
            {"fields": [{"name": SCRIPT[:60], "type": "string", "description": SCRIPT}]},
        ),
        _node("a", SCRIPT[:100], {"prompt": SCRIPT, "url": f"javascript:{TRIP}", SCRIPT: SCRIPT}),
        _node("b", "prompt_builder", {"template": SCRIPT + "{{" + SCRIPT + "}} {{x}}"}),
        _node("c", "generator", {"model": SCRIPT, "size": SCRIPT, "count": SCRIPT}),
        _node("toString", "toString", {"hasOwnProperty": 1, "then": "x", "onNodeAdded": "y"}),
        _node("then", "onNodeAdded", {}),
        _node("odd", "style_preset", {"presets": STRANGE}) | {"title": STRANGE},
    ]
    links = [
        {"from": ["a", SCRIPT[:64]], "to": ["b", SCRIPT[:64]]},
        {"from": ["b", "prompt"], "to": ["c", "prompt"]},
        {"from": ["c", "images"], "to": ["a", "hasOwnProperty"]},
        {"from": ["toString", "then"], "to": ["then", "valueOf"]},
        {"from": ["then", "a"], "to": ["toString", "b"]},
        {"from": ["ghost", "a"], "to": ["a", "b"]},
        {"from": ["a", "b"], "to": ["a", "c"]},
    ]
    box = {"position": [-20, -60], "size": [900, 300]}
    groups = [
        {"id": SCRIPT, "title": SCRIPT, "color": SCRIPT, "description": SCRIPT, "onNodeAdded": SCRIPT, **box}
    ]
    notes = [{"id": "n", "text": SCRIPT + STRANGE, "color": SCRIPT, **box}, {"id": 5}, {"text": None}, {}]
    named = {"format": "sakuga.graph/1", "name": SCRIPT[:200], "description": SCRIPT}
    return named | {"nodes": nodes, "links": links, "groups": groups, "notes": notes}


def twins() -> dict[str, Any]:
    """Two nodes of one id, far away from everything, in a circle."""
    far = [_node("twin", "prompt_builder", {}) | {"position": [x, -1e7]} for x in (-1e7, 1e7)]
    links = [
        {"from": ["twin", "prompt"], "to": ["b", "style"]},
        {"from": ["b", "prompt"], "to": ["twin", "style"]},
    ]
    return whole([*far, _node("b", "prompt_builder", {})], links)


def long_text() -> dict[str, Any]:
    """A megabyte of text in a setting and in a note."""
    much = "word " * 100_000 + "x" * 500_000
    graph = whole([_node("long", "prompt_builder", {"template": much}) | {"title": "m" * 200}])
    return graph | {"notes": [{"id": "n", "text": much, "position": [0, 300], "size": [200, 90]}]}


def refused() -> dict[str, tuple[str, str]]:
    """Files that must be refused, as text, and what the answer must name."""
    two = [_node("a", "generator", {}), _node("b", "generator", {})]

    def with_second(**changes: Any) -> str:
        return json.dumps(whole([two[0], two[1] | changes]))

    many = [_node(f"n{i}", "qc", {}) for i in range(10_000)]
    return {
        "prototype key in settings": (with_second(settings={"x": {"__proto__": {"p": 1}}}), "settings.x"),
        "constructor key": (with_second(settings={"constructor": {}}), "settings"),
        "id of a prototype": (with_second(id="__proto__"), "node '__proto__': id"),
        "script as id": (with_second(id="<script>"), "node '<script>': id"),
        "top-level key": (json.dumps(whole(two) | {"onNodeAdded": "alert(1)"}), "onNodeAdded"),
        "not a number": (with_second(position=[float("nan"), 0]), ""),
        "infinite": (with_second(position=[float("inf"), 0]), ""),
        "too far": (with_second(position=[1e300, 0]), "position"),
        "negative size": (with_second(size=[-5, 10]), "size"),
        "text as place": (with_second(position=["0", "0"]), "position"),
        "a title of a megabyte": (with_second(title="m" * 1_000_000), "title"),
        "control characters": (with_second(title="a\u0000b"), "title"),
        "deep settings": (
            json.dumps(whole(two)).replace(
                '"settings": {}', '"settings": ' + '{"a":' * 200 + "1" + "}" * 200
            ),
            "",
        ),
        "10,000 nodes": (json.dumps(whole(many)), "nodes"),
    }


def whole(nodes: list[dict[str, Any]], links: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "format": "sakuga.graph/1",
        "name": "",
        "nodes": nodes,
        "links": links or [],
        "groups": [],
        "notes": [],
    }


def _node(name: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "title": SCRIPT[:200],
        "settings": settings,
        "position": [len(name) * 300, ord(name[0])],
    }
