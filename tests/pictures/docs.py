"""The pictures of the documentation: a few pages, dark and light, small enough for git."""

import io

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.pictures.house import House, house
from tests.support.site import KEY, ROOT, until

_FOLDER = ROOT / "docs" / "images"
_MOST_BYTES = 250_000
_RUNS = (
    ("blog-header", {"article_id": "A-7", "title": "Slow mornings", "topic": "a ceramic coffee cup"}),
    ("social-set", {"campaign_id": "C-3", "product_name": "Wireless phone", "target_style": "flat"}),
    ("product-image", {"product_id": "SKU-3", "product_name": "Leather backpack", "target_style": "noir"}),
    ("product-image", {"product_id": "SKU-4"}),
    ("product-image-guarded", {"product_id": "SKU-5", "product_name": "Trail shoe", "target_style": "neon"}),
    ("product-image", {"product_id": "SKU-6", "product_name": "Glass teapot", "target_style": "watercolour"}),
)


def docs_pictures(browser: Browser) -> None:
    """Write docs/images/*.webp, each at most 250 kB."""
    _FOLDER.mkdir(exist_ok=True)
    with house() as (made, _):
        for slug, body in _RUNS:
            made.trigger(slug, **body, callback_url=f"{made.url}/v1/inbox/shop")
        until(lambda: not made.ask("GET", "/v1/runs?status=queued,running")["items"], seconds=240, every=0.5)
        for look in ("dark", "light"):
            _look(browser, made, look)


def _look(browser: Browser, made: House, look: str) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=look)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{made.url}/login?key={KEY}")
    _canvas(page, made.url)
    _keep(page, f"canvas-{look}")
    page.locator(".sk-runstrip").get_by_role("link", name="Open run").click()
    page.wait_for_url("**/runs/run_*")
    page.wait_for_function("window.__sakuga_view?.runs.get('export')?.thumb_url")
    _keep(page, f"run-{look}")
    for name in ("runs", "workflows"):
        page.goto(f"{made.url}/{name}")
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
