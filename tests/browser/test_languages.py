"""The pages in German and Japanese: nothing is left in English, and long words fit."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.ui.lang.catalogue import catalogue

KEY = "sk_browser_tests_0123456789abcdef"

pytestmark = pytest.mark.browser
_LOCALES = {"de": "de-DE", "ja": "ja-JP"}
# what people, files and machines are called is shown as it is
_TEXTS = """() => {
  const kept = 'script,style,code,pre,kbd,.sk-mono,.sk-id,.sk-code,.q-icon,' +
    '.material-icons,.material-icons-outlined,[lang]:not(html)';
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const place = node.parentElement, text = node.textContent.trim();
    if (text && !place.closest(kept) && place.checkVisibility()) found.push(text);
  }
  for (const name of ['aria-label', 'title', 'placeholder']) {
    for (const place of document.querySelectorAll(`[${name}]`)) {
      const text = place.getAttribute(name).trim();
      if (text && !place.closest('.sk-id,.sk-picture__frame,[lang]:not(html)')) found.push(text);
    }
  }
  return [...new Set(found)];
}"""
_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth, found = [];
  const whole = document.documentElement.scrollWidth;
  const apart = '.sk-sr,.sk-nav,.sk-scroll,.sk-cut,.sk-code,.sk-id,pre';
  if (whole > width + 1) found.push(`the page is ${whole} wide`);
  for (const place of document.querySelectorAll('button,a,h1,h2,p,label,span,td,th')) {
    const said = [...place.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!said || !place.checkVisibility() || place.closest(apart)) continue;
    const box = place.getBoundingClientRect();
    const text = place.textContent.trim().slice(0, 60);
    const hides = getComputedStyle(place).overflow !== 'visible';
    if (box.width && (box.right > width + 2 || box.left < -2)) found.push(`out: ${text}`);
    const cut = place.clientWidth > 2 && place.scrollWidth > place.clientWidth + 1;
    if (cut && hides) found.push(`cut: ${text}`);
  }
  return [...new Set(found)];
}"""
_PAGES = (
    "/workflows",
    "/workflows/product-image",
    "/runs",
    "/runs?q=nothing-like-this",
    "/rows",
    "/rows/new",
    "/schedules",
    "/callbacks",
    "/inbox",
    "/alerts",
    "/limits",
    "/spend",
    "/settings",
    "/services",
    "/secrets",
    "/workflows/no-such-thing",
)


@pytest.fixture(params=_LOCALES)
def visit(
    request: pytest.FixtureRequest, browser: Browser, server: str
) -> Iterator[tuple[str, BrowserContext]]:
    """A phone whose browser asks for a language, signed in."""
    language = str(request.param)
    size = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, locale=_LOCALES[language], reduced_motion="reduce")
    context.new_page().goto(f"{server}/login?key={KEY}")
    yield language, context
    context.close()


def test_no_page_is_left_in_english_and_every_word_fits(
    visit: tuple[str, BrowserContext], server: str
) -> None:
    """Rule: every text of every page is in the language the browser asks for, and none leaves a phone."""
    language, context = visit
    page = context.pages[0]
    run = _run(page, server)
    shown = ("/v1/workflows", "/v1/keys", "/v1/batches", f"/v1/runs/{run}", _DRAFT)
    content = "\n".join(_words([_read(page, server, path) for path in shown]))
    wrong = []
    for path in (*_PAGES, f"/runs/{run}"):
        page.goto(f"{server}{path}")
        page.wait_for_selector(".sk-main :is(h1, .sk-empty h2):visible")
        page.wait_for_timeout(120)
        assert page.evaluate("document.documentElement.lang") == language
        wrong += [f"{path}: {text}" for text in page.evaluate(_TEXTS) if _is_english(text, language, content)]
        wrong += [f"{path}: {told}" for told in page.evaluate(_TOO_WIDE)]
    assert wrong == []


def test_a_choice_wins_over_the_browser_and_keeps_the_page_and_the_draft(
    signed_in: Page, server: str
) -> None:
    """Rule: another language shows the same page again, with what was typed a moment before."""
    page = signed_in
    page.goto(f"{server}/workflows/blog-header")
    page.wait_for_function("window.__sakuga_view?.model.cards.size > 0")
    page.get_by_label("Description").fill("Half a thought")
    _choose(page, "Language", "日本語")
    page.wait_for_function("document.documentElement.lang === 'ja'")
    page.wait_for_function("window.__sakuga_view?.model.cards.size > 0")
    assert page.url.endswith("/workflows/blog-header")
    expect(page.get_by_label("説明")).to_have_value("Half a thought")
    _choose(page, "言語", "Deutsch")
    page.wait_for_function("document.documentElement.lang === 'de'")
    # a search finds a node type by its name here and by its English one
    search = page.get_by_label("Knotentypen suchen")
    for word in ("Ratenbegrenzer", "rate limiter"):
        search.fill(word)
        expect(page.locator(".sk-palette [data-kind=generator]")).to_have_count(0)
        expect(page.locator(".sk-palette [data-kind=rate_limiter]")).to_be_visible()
    _choose(page, "Sprache", "English")
    page.wait_for_function("document.documentElement.lang.startsWith('en')")


def test_the_door_and_a_form_speak_without_scripts(browser: Browser, server: str) -> None:
    """Rule: pages without NiceGUI follow the browser, offer languages, and keep what was filled in."""
    context = browser.new_context(locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/login")
    assert page.get_by_role("button", name="サインイン").is_visible()
    page.get_by_role("link", name="Deutsch").click()
    assert page.get_by_role("button", name="Anmelden").is_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    token = _form(page, server)
    page.goto(f"{server}/f/{token}")
    page.get_by_label("Product name").fill("Teekanne")
    page.get_by_role("button", name="日本語").click()
    assert page.get_by_label("Product name").input_value() == "Teekanne"
    assert page.get_by_role("button", name="作成", exact=True).is_visible()
    context.close()


def _choose(page: Page, menu: str, language: str) -> None:
    page.get_by_role("button", name=menu, exact=True).click()
    page.locator(".q-menu").get_by_text(language, exact=True).click()


_DRAFT = "/v1/workflows/product-image/draft"


def _is_english(text: str, language: str, content: str) -> bool:
    """Whether the catalogue has another text for it, or, in Japanese, it is Latin and nobody's content."""
    known = catalogue(language)
    if text in _spoken(language) or " ".join(text.split()) in content:
        return False
    english = {key.partition("##")[0]: entry for key, entry in known.items() if isinstance(entry, str)}
    if english.get(text, text) != text:
        return True
    words = re.findall(r"[A-Za-z]{4,}", text)
    return language == "ja" and len(words) > 3 and not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)


def _spoken(language: str) -> set[str]:
    return {entry for entry in catalogue(language).values() if isinstance(entry, str)}


def _run(page: Page, server: str) -> str:
    body = {"product_id": "SKU-1", "product_name": "Teapot", "target_style": "noir"}
    answer = page.request.post(f"{server}/v1/hooks/product-image", data=body, headers=_auth())
    return str(answer.json()["job_id"])


def _form(page: Page, server: str) -> str:
    body = {"enabled": True, "open": True}
    answer = page.request.put(f"{server}/v1/workflows/product-image/form", data=body, headers=_auth())
    assert answer.ok, answer.text()
    return str(answer.json()["url"]).rpartition("/")[2]


def _read(page: Page, server: str, path: str) -> Any:
    return page.request.get(f"{server}{path}", headers=_auth()).json()


def _words(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names of members included."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in _words(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _words(each))


def _auth() -> dict[str, str]:
    return {"Authorization": f"Bearer {KEY}"}
