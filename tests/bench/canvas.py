"""``./run bench canvas``: what a frame of the canvas costs, beside a plain canvas in the same browser.

The browser draws in software, as on a server without a graphics card: a real machine is faster.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.server import KEY, running

ROOT = Path(__file__).parents[2]
FRAMES = Path(__file__).with_name("canvas_frames.js")
SHOWN = "window.__sakuga_view && window.__sakuga_view.model.cards.size > 0"
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
_VIEWS = ((1000, 1.0, 20), (1000, 0.5, 20), (1000, 0.0, 20), (5000, 1.0, 25), (5000, 0.0, 25))
_MOVE_ALL = """() => {
  const view = window.__sakuga_view;
  for (const card of view.model.cards.values()) card.pos = [card.pos[0] + 10, card.pos[1]];
  view.flush();
}"""
_STATUS_SECONDS = 5
_PER_SECOND = 200


def play(rounds: int = 3) -> None:
    """Print every figure; times in milliseconds, the best of the rounds."""
    with _browser() as browser, _demo() as url:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.wait_for_function(SHOWN)
        page.evaluate(FRAMES.read_text())
        _panning(page, rounds)
        _loading(page, rounds)
        _status(page, url)
        with running("") as server:
            _saving(browser, f"http://127.0.0.1:{server.port}", server.http)


def _panning(page: Page, rounds: int) -> None:
    _say(
        f"{'panning':<28}{'in view':>8}{'frame':>8}{'p95':>8}{'script':>8}{'floor':>8}{'ratio':>8}{'aim':>8}"
    )
    loaded = 0
    for count, zoom, aim in _VIEWS:
        if count != loaded:
            page.evaluate(f"bench.load('/mixed.json?n={count}')")
            loaded = count
        ours = [page.evaluate("([zoom]) => bench.pan(zoom, 90)", [zoom]) for _ in range(rounds)]
        plain = [page.evaluate("([zoom]) => bench.floor(zoom, 60)", [zoom]) for _ in range(rounds)]
        best, floor = min(ours, key=_frame), min(plain, key=_frame)
        title = f"{count} nodes, {f'zoom {zoom:g}' if zoom else 'zoomed out'}"
        _say(
            f"{title:<28}{best['shown']:>8}{best['frame']:>8.1f}{best['late']:>8.1f}{best['script']:>8.1f}"
            f"{floor['frame']:>8.1f}{best['frame'] / floor['frame']:>8.2f}{f'<= {aim}':>8}"
        )


def _frame(result: dict[str, float]) -> float:
    return result["frame"]


def _loading(page: Page, rounds: int) -> None:
    for count, aim in ((1000, "aim <= 400"), (5000, "")):
        found = [page.evaluate(f"bench.load('/mixed.json?n={count}')") for _ in range(rounds)]
        best = min(found, key=lambda each: each["painted"])
        _say(
            f"load of {count} nodes: {best['painted']:.0f} ms to the first picture"
            f" ({best['fetch']:.0f} of them on the way)  {aim}"
        )


def _status(page: Page, url: str) -> None:
    """Two hundred updates a second, to a graph of 1,000 nodes of which most are out of view."""
    page.evaluate("bench.load('/mixed.json?n=1000')")
    page.evaluate("bench.pan(0.5, 5)")
    server = psutil.Process(int(_get(f"{url}/pid")))
    shown = _renderers()
    before = _cpu([server]), _cpu(shown)
    time.sleep(_STATUS_SECONDS)
    rest = _cpu([server]) - before[0], _cpu(shown) - before[1]
    before = _cpu([server]), _cpu(shown)
    _get(f"{url}/stream?seconds={_STATUS_SECONDS}&rate={_PER_SECOND}")
    spent = _cpu([server]) - before[0], _cpu(shown) - before[1]
    share = [100 * (each - idle) / _STATUS_SECONDS for each, idle in zip(spent, rest, strict=True)]
    _say(
        f"{_PER_SECOND} status updates/s: {share[0]:.1f} % of a core on the server (aim <= 5),"
        f" {share[1]:.1f} % in the browser"
    )


def _renderers() -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process().children(recursive=True)
        if "type=renderer" in " ".join(each.cmdline())
    ]


def _cpu(processes: list[psutil.Process]) -> float:
    times = [each.cpu_times() for each in processes]
    return sum(each.user + each.system for each in times)


def _saving(browser: Browser, url: str, http: Any) -> None:
    """Everything moved at once, saved as a draft, and shown again by a new page."""
    graph = json.loads(_graph(5000))
    http.post("/v1/workflows", json={"slug": "large"}).raise_for_status()
    answer = http.put("/v1/workflows/large/draft", json=graph)
    if answer.status_code != 200:
        raise SystemExit(f"the draft was refused: {answer.text[:400]}")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    page.goto(f"{url}/login?key={KEY}")
    began = time.perf_counter()
    page.goto(f"{url}/workflows/large")
    page.wait_for_function(SHOWN)
    opened = time.perf_counter() - began
    page.evaluate(_MOVE_ALL)
    began = time.perf_counter()
    wanted = graph["nodes"][-1]["position"][0] + 10
    while http.get("/v1/workflows/large/draft").json()["nodes"][-1]["position"][0] != wanted:
        if time.perf_counter() - began > 60:
            raise SystemExit("the draft of 5,000 nodes was not saved within a minute")
        time.sleep(0.05)
    saved = time.perf_counter() - began
    began = time.perf_counter()
    page.reload()
    page.wait_for_function(SHOWN)
    again = page.evaluate("[...__sakuga_view.model.cards.values()].at(-1).pos[0]")
    assert again == wanted
    shown = time.perf_counter() - began
    _say(f"5,000 nodes in the editor: opened {opened:.1f} s, saved {saved:.1f} s, reloaded {shown:.1f} s")


def _graph(count: int) -> str:
    from tests.static.demo import grid  # noqa: PLC0415 - it makes pages when it is imported

    return json.dumps(grid(count))


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        made = playwright.chromium.launch(executable_path=path, args=list(ARGS))
        yield made
        made.close()


@contextmanager
def _demo() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "tests/static/demo.py"), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                _get(f"{url}/pid")
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
