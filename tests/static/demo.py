"""The canvas alone, with a canned catalogue: ``python tests/static/demo.py [port]``."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nicegui import app, ui  # noqa: E402

from app.ui.canvas.element import GraphCanvas  # noqa: E402


def socket(name: str, kind: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "type": kind, "required": required, "description": f"The {name.replace('_', ' ')}."}


def kind(name: str, group: str, icon: str, ins: list[dict[str, Any]], outs: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    return {
        "type": name,
        "title": name.replace("_", " ").capitalize(),
        "group": group,
        "icon": icon,
        "description": f"What {name} does, in a sentence.",
        "inputs": ins,
        "outputs": outs,
        "settings_schema": {"type": "object", "properties": fields},
        "dynamic": name in {"webhook_input", "prompt_builder"},
    }


FIELDS = [("product_id", "Text"), ("product_name", "Text"), ("product_category", "Text"), ("target_style", "Text"), ("target_platform", "Text")]
IMAGES = "List[Image]"
TYPES = [
    kind("webhook_input", "Input", "webhook", [], [socket(*field) for field in FIELDS] + [socket("trigger", "Payload")], fields={"type": "array"}),
    kind("rate_limiter", "Flow", "speed", [socket("trigger", "Payload", required=True)], [socket("trigger", "Payload")], limit={"type": "integer", "default": 100}, window_seconds={"type": "integer", "title": "per seconds", "default": 3600}),
    kind("style_preset", "Style", "palette", [socket("key", "Text", required=True)], [socket("style", "Style")], presets={"type": "array"}),
    kind("prompt_builder", "Prompt", "edit_note", [socket("subject", "Text", required=True), socket("style", "Style")], [socket("prompt", "Prompt")], template={"type": "string"}),
    kind("generator", "Generation", "auto_awesome", [socket("prompt", "Prompt", required=True), socket("style", "Style")], [socket("images", IMAGES)], model={"type": "string"}, size={"type": "string", "default": "1024×1024"}, count={"type": "integer", "default": 1}),
    kind("qc", "Quality", "fact_check", [socket("images", IMAGES, required=True)], [socket("images", IMAGES), socket("report", "Report")], min_sharpness={"type": "number", "title": "sharpness", "default": 0.4}),
    kind("multi_format_export", "Output", "crop", [socket("images", IMAGES, required=True), socket("platform", "Text")], [socket("images", IMAGES)], platforms={"type": "array"}),
    kind("webhook_delivery", "Output", "send", [socket("images", IMAGES, required=True)], [socket("delivered", IMAGES)]),
]


def node(name: str, type_: str, x: int, y: int, title: str | None = None, **settings: Any) -> dict[str, Any]:
    return {"id": name, "type": type_, "title": title, "settings": settings, "position": [x, y], "size": None}


def link(source: str, target: str) -> dict[str, Any]:
    return {"from": source.split("."), "to": target.split(".")}


DOCUMENT = {
    "format": "sakuga.graph/1",
    "name": "Product image",
    "nodes": [
        node("input", "webhook_input", 0, 120, "Product trigger", fields=[{"name": field} for field, _ in FIELDS]),
        node("limit", "rate_limiter", 320, -20),
        node("style", "style_preset", 320, 320, "House styles", presets=["studio", "anime", "watercolour", "noir"]),
        node("prompt", "prompt_builder", 640, 120, "Prompt", template="A photo of {{subject}} on an oak table, morning light, {{style}}"),
        node("generator", "generator", 960, 120, model="procedural/scene", count=4),
        node("qc", "qc", 1280, 120),
        node("export", "multi_format_export", 1600, 200, platforms=["web", "instagram_feed", "amazon"]),
        node("delivery", "webhook_delivery", 1920, 200),
    ],
    "links": [
        link("input.product_name", "prompt.subject"),
        link("input.target_style", "style.key"),
        link("input.trigger", "limit.trigger"),
        link("style.style", "prompt.style"),
        link("style.style", "generator.style"),
        link("prompt.prompt", "generator.prompt"),
        link("generator.images", "qc.images"),
        link("qc.images", "export.images"),
        link("input.target_platform", "export.platform"),
        link("export.images", "delivery.images"),
    ],
    "groups": [{"id": "make", "title": "Make", "position": [620, 60], "size": [920, 330], "color": "purple"}],
    "notes": [{"id": "note", "text": "Styles come from the brand team.\nAsk before you add one.", "position": [320, 520], "size": [240, 90]}],
}
ACCEPTS = {"Text": ["Integer", "Number"], "Number": ["Integer"], IMAGES: ["Image"], "Any": []}
PATCHES: list[Any] = []


@app.get("/graph.json")
def graph() -> dict[str, Any]:
    return {"document": DOCUMENT, "revision": 0, "problems": [], "sockets": {}}


@ui.page("/")
def page(theme: str = "dark", read_only: bool = False) -> None:
    ui.query("body").style("margin:0")
    ui.query(".nicegui-content").classes("p-0")
    ui.dark_mode(value=theme == "dark")
    GraphCanvas(
        TYPES,
        graph_url="/graph.json",
        accepts=ACCEPTS,
        theme="light" if theme == "light" else "dark",
        read_only=read_only,
        on_change=PATCHES.append,
    ).style("width:100vw;height:100vh")


@app.get("/patches.json")
def patches() -> list[Any]:
    return PATCHES


if __name__ in {"__main__", "__mp_main__"}:
    ui.run(host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8765, show=False, reload=False)
