"""How long a gesture in the editor waits for the server's judgement, in ms, as a browser sees it.

Run `PYTHONPATH=. python tests/bench/judging.py [rounds]`. Each row is a graph; the columns are from the end
of a gesture until its patch left, until the new problems arrived at the canvas, and until they are painted
on the page; `worst` is the slowest of the last column.
"""

import copy
import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench.server import KEY, running

ROOT = Path(__file__).parents[2]
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
_SCENES = ((8, 0), (300, 0), (300, 50))
# a link is cut as at the end of a gesture of the mouse: the patch waits for what may still belong to it
_GESTURE = """async () => {
  const view = window.__sakuga_view, { graph } = view.model, { options } = view;
  const pause = () => new Promise((done) => setTimeout(done, 2));
  const list = () => JSON.stringify(view.problems.list);
  const rows = () => document.querySelector('.sk-problems')?.innerHTML ?? '';
  const before = list(), drawn = rows(), told = options.onChange, found = {};
  options.onChange = (...all) => { found.sent = performance.now() - start; told(...all); };
  const start = performance.now();
  for (const link of [...graph._links.values()])
    if (view.model.spec(link).to.join() === 'generator,prompt') graph.removeLink(link.id);
  view.changed();
  while (list() === before) await pause();
  found.told = performance.now() - start;
  while (rows() === drawn) await pause();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  found.painted = performance.now() - start;
  options.onChange = told;
  return found;
}"""
_PAUSE_MS = 1_500


def main(rounds: int = 10) -> None:
    """Print medians of all rounds for each graph."""
    with sync_playwright() as playwright, running("") as server:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        url = f"http://127.0.0.1:{server.port}"
        page.goto(f"{url}/login?key={KEY}")
        print(f"{'graph':<26}{'patch left':>12}{'told':>8}{'painted':>9}{'worst':>8}   ms, medians")
        for nodes, problems in _SCENES:
            slug = f"g{nodes}-{problems}"
            body = {"slug": slug, "graph": graph(nodes, problems)}
            server.http.post("/v1/workflows", json=body).raise_for_status()
            page.goto(f"{url}/workflows/{slug}")
            page.wait_for_function(
                "(n) => window.__sakuga_view && window.__sakuga_view.model.cards.size >= n", arg=nodes
            )
            _row(page, nodes, rounds)
        browser.close()


def _row(page: Page, nodes: int, rounds: int) -> None:
    page.wait_for_timeout(_PAUSE_MS)
    problems = page.evaluate("window.__sakuga_view.problems.list.length")
    found = []
    for _ in range(rounds):
        found.append(page.evaluate(_GESTURE))
        page.evaluate("window.__sakuga_view.undo()")
        page.wait_for_timeout(_PAUSE_MS)
    title = f"{nodes} nodes, {problems} problems"
    columns = {name: [each[name] for each in found] for name in ("sent", "told", "painted")}
    sent, told, painted = (statistics.median(times) for times in columns.values())
    print(f"{title:<26}{sent:>12.0f}{told:>8.0f}{painted:>9.0f}{max(columns['painted']):>8.0f}", flush=True)


def graph(nodes: int, problems: int) -> dict[str, Any]:
    """The shipped example with a long tail of nodes, and generators that nobody linked."""
    made: dict[str, Any] = json.loads((ROOT / "examples/product-image.json").read_text())
    models = {each["id"]: each for each in made["nodes"]}
    last = "metadata"
    made["links"] = [each for each in made["links"] if each["to"] != ["delivery", "images"]]
    loose = problems // 2
    for number in range(nodes - len(models) - loose):
        fresh = {**copy.deepcopy(models["metadata"]), "id": f"tail_{number}"}
        fresh["position"] = [300 * (number % 20), 1000 + 300 * (number // 20)]
        made["nodes"].append(fresh)
        made["links"].append({"from": [last, "images"], "to": [fresh["id"], "images"]})
        made["links"].append({"from": ["input", "product_name"], "to": [fresh["id"], "subject"]})
        last = fresh["id"]
    made["links"].append({"from": [last, "images"], "to": ["delivery", "images"]})
    for number in range(loose):
        fresh = {**copy.deepcopy(models["generator"]), "id": f"loose_{number}"}
        made["nodes"].append({**fresh, "position": [300 * number, 6000]})
    return made


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
