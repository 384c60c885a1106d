"""Every page by axe-core, light and dark: nothing serious or critical stands in anybody's way."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

KEY = "sk_browser_tests_0123456789abcdef"
_ROOT = Path(__file__).parents[2]
_AXE = _ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"
# the rule that compares names with what is seen takes the letters of icon fonts for words
_RUN = """async (values) => {
  const rules = { 'label-content-name-mismatch': { enabled: false } };
  const only = values ? { runOnly: { type: 'rule', values } } : { rules };
  const found = await window.axe.run(document, { resultTypes: ['violations'], ...only });
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 6).map(({ html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id}: ${html.slice(0, 460)} | ${why.slice(0, 200)}`;
    }));
}"""
# colours on their way from one theme to the other are nobody's finding
_STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
_PAYLOAD = {"product_id": "SKU-7", "product_name": "Lamp", "target_style": "anime"}


def routes() -> list[str]:
    """Every address that pages.py adds, so that a new page is looked at without a line here."""
    text = (_ROOT / "app" / "ui" / "pages.py").read_text()
    return re.findall(r'\badd\("(/[^"]*)"', text)


def ask(server: str, path: str, body: Any, method: str = "POST") -> Any:
    """Post an object, or a text as CSV."""
    kind = "text/csv" if isinstance(body, str) else "application/json"
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
    request = urllib.request.Request(f"{server}{path}", raw, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def places(server: str) -> dict[str, str]:
    """What stands for the parts in braces: things that exist."""
    hook = "/v1/hooks/product-image"
    wanted = _PAYLOAD | {"callback_url": f"{server}/v1/inbox/axe"}
    run, again = (ask(server, hook, wanted | {"product_id": name})["job_id"] for name in ("SKU-7", "SKU-8"))
    ask(server, "/v1/workflows/product-image/app", {"title": "Pictures"}, "PUT")
    batch = ask(server, "/v1/workflows/product-image/rows", "product_id,product_name\nSKU-9,Lamp\n")
    return {
        "again": again,
        "slug": "product-image",
        "key": "product-image",
        "run_id": run,
        "batch_id": batch["id"],
        "name": "axe",
        "path:path": "nowhere/at/all",
    }


def look(page: Page, address: str) -> list[str]:
    """Findings of one page, in both themes."""
    found = []
    page.add_style_tag(content=_STILL)
    for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_timeout(100)
        found += [f"{address} ({scheme}) {each}" for each in page.evaluate(_RUN, rules)]
    return found


@pytest.mark.skipif(not _AXE.is_file(), reason="python -m app.ui.canvas.build --dev installs axe-core")
def test_no_page_has_a_serious_finding(page: Page, server: str, places: dict[str, str]) -> None:
    """All pages of pages.py, the sign-in and the editor with a node selected, light and dark."""
    found: list[str] = []
    source = _AXE.read_text()
    query = {"/compare": f"?a={places['run_id']}&b={places['again']}", "/rows/new": "?workflow=product-image"}
    page.goto(f"{server}/login?key={KEY}")
    for route in routes():
        address = re.sub(r"{([^}]+)}", lambda part: places[part[1]], route)
        page.goto(f"{server}{address}{query.get(route, '')}")
        page.locator("h1, main, .sk-card").first.wait_for()
        if route == "/workflows/{slug}":
            page.wait_for_function("window.__sakuga_view?.model.cards.size > 0")
            page.evaluate("__sakuga_view.focusNode('generator'); __sakuga_view.commands.outline()")
            page.locator(".sakuga-list").wait_for()
        page.evaluate(source)
        found += look(page, address)
    page.context.clear_cookies()
    page.goto(f"{server}/login")
    page.evaluate(source)
    found += look(page, "/login")
    assert not found, "\n".join(found)
