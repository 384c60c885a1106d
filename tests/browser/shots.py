"""Pictures of every page and state, dark and light, desk and phone, for people to look at.

    .venv/bin/python tests/browser/shots.py [FOLDER]

Starts a server of its own with a few runs in it; the folder (default: shots) is ignored by git.
"""

import importlib.util
import json
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

_HERE = Path(__file__).parent
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True},
}
_PRODUCT = {"product_id": "SKU-1001", "product_name": "Amber glass perfume bottle"}


def main(folder: Path) -> None:
    """Take every picture."""
    with stage() as (browser, url, key):
        runs = _fill(url, key)
        for look, options in LOOKS.items():
            _look(browser.new_context(**options), url, key, runs, folder / look)


@contextmanager
def stage() -> Iterator[tuple[Browser, str, str]]:
    """A browser, the address of a fresh server of its own, and a key for it."""
    rig = _rig()
    with tempfile.TemporaryDirectory() as data:
        port = rig.free_port()
        process, url = rig.start(Path(data), port), f"http://127.0.0.1:{port}"
        try:
            rig.wait_ready(process, url)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=rig.chromium(), args=rig.ARGS)
                yield browser, url, rig.KEY
                browser.close()
        finally:
            process.terminate()
            process.wait(20)


def _look(context: BrowserContext, url: str, key: str, runs: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page = context.new_page()
    page.on("console", lambda message: message.type == "error" and sys.stderr.write(f"{message.text}\n"))

    def shoot(name: str, path: str, act: Callable[[Page], None] | None = None) -> None:
        page.goto(url + path)
        page.wait_for_selector(".sk-frame, .sk-door")
        page.wait_for_timeout(1300)
        if act is not None:
            act(page)
            page.wait_for_timeout(700)
        page.screenshot(path=folder / f"{name}.png")

    shoot("01-sign-in", "/login")
    page.goto(f"{url}/login?key={key}")
    shoot("02-workflows", "/workflows")
    shoot("03-new-workflow", "/workflows", lambda page: page.get_by_text("New workflow").first.click())
    shoot("04-editor", "/workflows/product-image")
    shoot("05-editor-node", "/workflows/product-image", _focus("input"))
    shoot("06-editor-prompt", "/workflows/product-image", _focus("prompt"))
    shoot("07-editor-run", "/workflows/product-image", _press("Run"))
    shoot("08-editor-publish", "/workflows/broken", _press("Publish"))
    shoot("09-editor-problems", "/workflows/broken")
    shoot("10-runs", "/runs")
    shoot("11-runs-none", "/runs?q=nothing-like-this")
    shoot("12-run", f"/runs/{runs['good']}")
    shoot("13-run-failed", f"/runs/{runs['refused']}")
    shoot(
        "14-run-picture",
        f"/runs/{runs['good']}",
        lambda page: page.locator(".sk-picture__frame").first.click(),
    )
    shoot("15-callbacks", "/callbacks")
    shoot("16-inbox", "/inbox")
    shoot("17-inbox-messages", "/inbox/first")
    shoot("18-limits", "/limits")
    shoot("19-settings", "/settings")
    shoot("20-nothing-here", "/workflows/no-such-thing")
    context.close()


def _focus(node: str) -> Callable[[Page], None]:
    return lambda page: page.evaluate("(id) => window.__sakuga_view.focusNode(id)", node)


def _press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def _fill(url: str, key: str) -> dict[str, str]:
    """Runs of every kind: good, refused, undeliverable, waiting at a limiter."""
    runs = {"refused": trigger(url, key, "product-image", {"product_id": "SKU-2", "target_style": "cubist"})}
    for style in ("studio", "anime", "noir", "watercolour"):
        body = {**_PRODUCT, "target_style": style, "callback_url": f"{url}/v1/inbox/first"}
        runs["good"] = trigger(url, key, "product-image", body)
    trigger(url, key, "social-set", {**_PRODUCT, "callback_url": "https://receiver.invalid/hook"})
    graph = _call(url, key, "GET", "/v1/workflows/product-image-guarded/draft")
    for node in graph["nodes"]:
        if node["type"] == "rate_limiter":
            node["settings"] = {"limit": 2, "window_seconds": 3600}
    _call(url, key, "PUT", "/v1/workflows/product-image-guarded/draft", graph)
    _call(url, key, "POST", "/v1/workflows/product-image-guarded/publish", {"note": "Two per hour"})
    for _ in range(5):
        trigger(url, key, "product-image-guarded", _PRODUCT)
    _call(
        url,
        key,
        "POST",
        "/v1/workflows",
        {"slug": "broken", "name": "Broken on purpose", "graph": _broken(graph)},
    )
    time.sleep(12)
    return runs


def _broken(graph: dict[str, Any]) -> dict[str, Any]:
    links = [link for link in graph["links"] if link["to"][1] not in {"images", "prompt"}]
    return {**graph, "name": "Broken on purpose", "links": links}


def trigger(url: str, key: str, slug: str, body: dict[str, Any]) -> str:
    return str(_call(url, key, "POST", f"/v1/hooks/{slug}", body)["job_id"])


def _call(url: str, key: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def _rig() -> Any:
    spec = importlib.util.spec_from_file_location("rig", _HERE / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "shots"))
