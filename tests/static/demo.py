"""The canvas alone, with a canned catalogue: ``python tests/static/demo.py [port]``."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, cast

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from nicegui import app, ui  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import JSONResponse, Response  # noqa: E402

from app.ui.canvas.element import GraphCanvas  # noqa: E402
from app.ui.canvas.protocol import Problem  # noqa: E402
from app.ui.editor.pasting import readable_piece  # noqa: E402
from graphs.errors import MalformedDocumentError  # noqa: E402

DEMO = json.loads((HERE / "demo.json").read_text(encoding="utf-8"))
PATCHES: list[Any] = []
SHOWN: list[GraphCanvas] = []


@app.get("/graph.json")
def graph(n: int = 0) -> dict[str, Any]:
    """The demo graph, or a grid of n prompt nodes in a chain."""
    document = DEMO["document"] if n == 0 else grid(n)
    return {"document": document, "revision": 0, "problems": [], "sockets": {}}


@app.get("/mixed.json")
def mixed(n: int) -> dict[str, Any]:
    """About n nodes: the demo graph over and over, side by side."""
    whole: dict[str, Any] = DEMO["document"] | {"nodes": [], "links": [], "groups": [], "notes": []}
    across = max(1, round((n / 16) ** 0.5))
    for i in range(n // len(DEMO["document"]["nodes"])):
        for node in DEMO["document"]["nodes"]:
            x, y = node["position"]
            place = [x + i % across * 2400, y + i // across * 1100]
            whole["nodes"].append({**node, "id": f"{node['id']}_{i}", "position": place})
        for link in DEMO["document"]["links"]:
            ends = {end: [f"{link[end][0]}_{i}", link[end][1]] for end in ("from", "to")}
            whole["links"].append(ends)
    return {"document": whole, "revision": 0, "problems": [], "sockets": {}}


@app.get("/empty.json")
def empty() -> dict[str, Any]:
    return {"document": {"format": "sakuga.graph/1", "nodes": [], "links": [], "groups": [], "notes": []}}


@app.get("/patches.json")
def patches() -> list[Any]:
    return PATCHES


@app.post("/patches.json")
def large_patch(patch: dict[str, Any]) -> None:
    PATCHES.append(patch)


@app.post("/patches.json/paste")
async def paste(request: Request) -> Response:
    try:
        return JSONResponse({"piece": readable_piece(await request.body())})
    except MalformedDocumentError as error:
        return JSONResponse({"reason": str(error)})


@ui.page("/")
def page(theme: str = "dark", *, read_only: bool = False, graph: str = "/graph.json") -> None:
    ui.query("body").style("margin:0")
    ui.query(".nicegui-content").classes("p-0")
    ui.dark_mode(value=theme == "dark")
    canvas = GraphCanvas(
        DEMO["types"],
        graph_url=graph,
        patch_url="/patches.json",
        accepts=DEMO["accepts"],
        theme="light" if theme == "light" else "dark",
        read_only=read_only,
        on_change=PATCHES.append,
    )
    SHOWN.append(canvas.style("width:100vw;height:100vh"))


@app.get("/status")
async def status(*, clear: bool = False) -> None:
    canvas = SHOWN[-1]
    if clear:
        canvas.status({"qc": None})
        return
    canvas.status({"qc": {"state": "running", "note": "first"}})
    for ms in range(100):
        canvas.status({"qc": {"state": "succeeded", "ms": ms}})


@app.get("/pid")
def pid() -> int:
    return os.getpid()


@app.get("/stream")
async def stream(seconds: float, rate: int) -> int:
    """So many updates a second, over all nodes of the mixed graph in turn; answers how many were made."""
    made, began = 0, time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        while made < passed * rate:
            node = f"generator_{made % 125}"
            SHOWN[-1].status({node: {"state": "running", "progress": made % 100 / 100, "ms": made}})
            made += 1
        await asyncio.sleep(0.01)
    return made


@app.get("/methods")
async def methods() -> dict[str, Any]:
    canvas = SHOWN[-1]
    added = await canvas.add_node("prompt_builder", 700, 500, {}, link_from=["style", "style"])
    canvas.set_settings("prompt", {"template": "{{mood}}"})
    mood = {"name": "mood", "type": "Text", "required": True, "description": ""}
    canvas.set_sockets({"prompt": {"inputs": [mood], "outputs": [{"name": "prompt", "type": "Prompt"}]}})
    problem = {"node": "qc", "field": None, "code": "x", "message": "Not good", "severity": "error"}
    canvas.set_problems([cast("Problem", problem)])
    canvas.focus("qc")
    return {"id": added}


def grid(count: int) -> dict[str, Any]:
    wide = max(1, round(count**0.5))
    nodes = [
        {
            "id": f"n{i}",
            "type": "prompt_builder",
            "settings": {"template": f"Text number {i} with {{{{subject}}}} in it"},
            "position": [i % wide * 300, i // wide * 180],
        }
        for i in range(count)
    ]
    links = [{"from": [f"n{i - 1}", "prompt"], "to": [f"n{i}", "style"]} for i in range(1, count)]
    return {"format": "sakuga.graph/1", "nodes": nodes, "links": links, "groups": [], "notes": []}


if __name__ in {"__main__", "__mp_main__"}:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8765
    ui.run(host="127.0.0.1", port=port, show=False, reload=False)
