"""The sample pictures of the template gallery: every template runs on a server, its outputs are kept small.

    python examples/make_pictures.py http://127.0.0.1:8080 sk_…

Run it again after a template or a rehearsal model changed; the same models give the same pictures. Without
arguments only the pictures of the style presets are made, which needs no server.
"""

import io
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from app.providers.procedural.jobs import paint_job
from nodes import presets

FOLDER = Path(__file__).parent
PLACE = FOLDER / "templates"
_EDGE = 560
_MOST = 3
_TILE = 192
_QUALITY = 76
_SEED = 11


def main(url: str, key: str) -> None:
    """Make the pictures of every template and the facts about them."""
    target = PLACE / "pictures"
    target.mkdir(exist_ok=True)
    facts = {}
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60) as http:
        for path in sorted([*FOLDER.glob("*.json"), *PLACE.glob("*.json")]):
            if path.name.endswith(".payload.json") or "nodes" not in (graph := json.loads(path.read_text())):
                continue
            run = _run(http, path, graph)
            facts[path.stem] = _kept(http, run, path.stem, target)
            print(path.stem, facts[path.stem]["seconds"], "s,", len(facts[path.stem]["pictures"]), "pictures")
    (PLACE / "pictures.json").write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")


def styles() -> None:
    """A small picture of the same thing in each style, for choices."""
    for key, preset in presets.styles().items():
        data, _ = paint_job("A ceramic mug", preset.hint or key, 640, 640, _SEED)
        small = Image.open(io.BytesIO(data)).convert("RGB").resize((_TILE, _TILE), Image.Resampling.LANCZOS)
        small.save(PLACE / "pictures" / f"style-{key}.webp", "WEBP", quality=_QUALITY, method=6)


def _run(http: httpx.Client, path: Path, graph: dict[str, Any]) -> dict[str, Any]:
    slug = f"{path.stem[:60]}-{secrets.token_hex(3)}"
    for node in graph["nodes"]:
        if node["type"] == "generator":
            node["settings"]["seed"] = _SEED
    _good(http.post("/v1/workflows", json={"slug": slug, "graph": graph}))
    _good(http.post(f"/v1/workflows/{slug}/publish", json={"note": "for the gallery"}))
    payload = json.loads(path.with_suffix(".payload.json").read_text())
    job = _good(http.post(f"/v1/hooks/{slug}", json=payload))["job_id"]
    while (run := _good(http.get(f"/v1/runs/{job}")))["status"] not in {"succeeded", "failed", "cancelled"}:
        time.sleep(0.2)
    if run["status"] != "succeeded":
        sys.exit(f"{path.stem}: {run['status']} {run.get('error')}")
    http.delete(f"/v1/workflows/{slug}")
    return {**_good(http.get(f"/v1/runs/{job}/callback")), "run": run}


def _kept(http: httpx.Client, body: dict[str, Any], key: str, target: Path) -> dict[str, Any]:
    pictures = []
    for number, output in enumerate(body["outputs"][:_MOST], 1):
        small = Image.open(io.BytesIO(http.get(output["asset_url"]).content)).convert("RGB")
        small.thumbnail((_EDGE, _EDGE), Image.Resampling.LANCZOS)
        name = f"{key}-{number}.webp"
        small.save(target / name, "WEBP", quality=_QUALITY, method=6)
        pictures.append({"file": name, "width": small.width, "height": small.height})
    metadata = body["metadata"]
    seconds = round(metadata["processing_time_seconds"], 1)
    return {"seconds": seconds, "credits": metadata["credit_cost"], "pictures": pictures}


def _good(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 400:
        sys.exit(f"{answer.request.url}: {answer.status_code} {answer.text[:400]}")
    return answer.json()


if __name__ == "__main__":
    styles()
    if len(sys.argv) > 2:
        main(*sys.argv[1:3])
