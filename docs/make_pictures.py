"""The pictures of the documentation: four pages, dark and light.

    .venv/bin/python docs/make_pictures.py

Starts a server of its own, runs a few workflows by hand and writes docs/images/*.webp, each at most 250 kB.
"""
# ruff: noqa: INP001 - a script, not a package

import io
import runpy
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

_ROOT = Path(__file__).parents[1]
_FOLDER = _ROOT / "docs" / "images"
_MOST_BYTES = 250_000
_RUNS = (
    ("blog-header", {"article_id": "A-7", "title": "Slow mornings", "topic": "a ceramic coffee cup"}),
    ("social-set", {"campaign_id": "C-3", "product_name": "Wireless phone", "target_style": "flat"}),
    ("product-image", {"product_id": "SKU-3", "product_name": "Leather backpack", "target_style": "noir"}),
    ("product-image", {"product_id": "SKU-4"}),
    ("product-image-guarded", {"product_id": "SKU-5", "product_name": "Trail shoe", "target_style": "neon"}),
    ("product-image", {"product_id": "SKU-6", "product_name": "Glass teapot", "target_style": "watercolour"}),
)


def main() -> None:
    """Write every picture."""
    shots: dict[str, Any] = runpy.run_path(str(_ROOT / "tests" / "browser" / "shots.py"))
    _FOLDER.mkdir(exist_ok=True)
    with shots["stage"]() as (browser, url, key):
        for slug, body in _RUNS:
            shots["trigger"](url, key, slug, {**body, "callback_url": f"{url}/v1/inbox/shop"})
        for look in ("dark", "light"):
            _look(browser, shots["LOOKS"][look], url, key, look)


def _look(browser: Browser, options: dict[str, Any], url: str, key: str, look: str) -> None:
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"{url}/login?key={key}")
    _canvas(page, url)
    _keep(page, f"canvas-{look}")
    page.locator(".sk-runstrip").get_by_role("link", name="Open run").click()
    page.wait_for_url("**/runs/run_*")
    page.wait_for_function("window.__sakuga_view?.runs.get('export')?.thumb_url")
    _keep(page, f"run-{look}")
    for name in ("runs", "workflows"):
        page.goto(f"{url}/{name}")
        _keep(page, f"{name}-{look}")
    context.close()


def _canvas(page: Page, url: str) -> None:
    """The example after a run, with its pictures on the nodes."""
    page.goto(f"{url}/workflows/product-image")
    page.wait_for_function("window.__sakuga_view?.model.cards.size === 8")
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Product name").fill("Amber glass perfume bottle")
    dialog.get_by_role("button", name="Run v1").click()
    page.locator(".sk-runstrip").get_by_text("Succeeded").wait_for(timeout=60_000)
    page.wait_for_function("window.__sakuga_view.runs.get('export')?.thumb_url")


def _keep(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    path = _FOLDER / f"{name}.webp"
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, quality=88, method=6)
    if path.stat().st_size > _MOST_BYTES:
        message = f"{path} is larger than {_MOST_BYTES} bytes"
        raise SystemExit(message)


if __name__ == "__main__":
    main()
