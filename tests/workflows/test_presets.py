"""Presets that an upgrade changed make stale what was made with them."""

import json
from types import SimpleNamespace

import nodes
from app import clock
from app.ui.editor.why import why
from app.workflows import presets
from app.workflows.presets import changed_presets, note_presets
from graphs.catalogue import discover
from graphs.document import parse
from graphs.stale import Before, Reason, stale
from nodes.presets import styles


def _node(name, kind, **settings):
    return {"id": name, "type": kind, "settings": settings, "position": [0, 0]}


OWN = {"studio": {"title": "Ours"}}
GRAPH = {
    "format": "sakuga.graph/1",
    "name": "Presets",
    "nodes": [
        _node("input", "webhook_input", fields=[]),
        _node("style", "style_preset"),
        _node("own", "style_preset", custom=OWN),
        _node("prompt", "prompt_builder", template="{{style}}"),
        _node("export", "multi_format_export"),
    ],
    "links": [{"from": ["style", "style"], "to": ["prompt", "style"]}],
}


def _step(**outputs):
    return SimpleNamespace(outputs=json.dumps(outputs))


STEPS = {
    "style": _step(style={"key": "studio"}),
    "own": _step(style={"key": "studio"}),
    "export": _step(images=[{"platform_code": "web"}]),
}


def test_results_of_a_changed_preset_are_stale_and_say_why(db, monkeypatch):
    """Rule: only nodes that used a preset which a release changed since are stale, and it is named."""
    assert note_presets(db) == 0
    made = clock.now()
    document = parse(GRAPH)

    def changed(since):
        with db.read() as connection:
            return changed_presets(connection, document, STEPS, since)

    assert changed(made) == {}
    assert changed(0.0) == {}, "what the first look finds has always been so"
    as_shipped = presets.shipped()
    other = {**as_shipped, ("style", "studio"): "0" * 64}
    monkeypatch.setattr(presets, "shipped", lambda: other)
    assert note_presets(db) == 1
    assert changed(made) == {"style": styles()["studio"].title}
    assert changed(clock.now() + 1) == {}
    monkeypatch.setattr(presets, "shipped", lambda: {**other, ("platform", "web"): "1" * 64})
    assert note_presets(db) == 1
    assert set(changed(made)) == {"style", "export"}
    assert note_presets(db) == 0

    states = dict.fromkeys(("input", "style", "own", "prompt", "export"), "succeeded")
    outside = {name: f"preset:{title}" for name, title in changed(made).items()}
    reasons = stale(Before(document, states, outside=outside), document, discover(nodes))
    assert reasons["prompt"] == Reason("upstream", ("style",))
    assert "own" not in reasons
    told = why(reasons["style"], GRAPH, [])
    assert told == f"Preset {styles()['studio'].title} changed"
