"""Settings with pictures, sliders and chips in the inspector, by real keyboard and mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def second(browser: Browser, signed_in: Page) -> Iterator[Page]:
    """Another window of the same person."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, storage_state=signed_in.context.storage_state()
    )
    yield context.new_page()
    context.close()


def _open(page: Page, server: str, board, slug: str, node: str) -> None:
    page.goto(f"{server}/workflows/{slug}")
    board.wait(8)
    board.fit()
    board.select(node)


def _settings(page: Page, node: str, name: str, wanted: object) -> None:
    page.wait_for_function(
        "([id, name, wanted]) => JSON.stringify(window.__sakuga_view.save().nodes"
        ".find((each) => each.id === id).settings?.[name]) === JSON.stringify(wanted)",
        arg=[node, name, wanted],
    )


def test_pictures_and_sliders_are_set_by_keyboard(signed_in: Page, server: str, board) -> None:
    """Rule: a style is chosen by arrows, platforms by Space after a search, a number by its slider."""
    page = signed_in
    _open(page, server, board, "product-image", "style")
    inspector = page.locator(".sk-inspector")
    styles = inspector.get_by_role("radiogroup", name="Default")
    expect(styles.locator("img")).to_have_count(7)
    assert styles.locator("img").first.evaluate("(it) => it.decode().then(() => it.naturalWidth)") > 50
    styles.get_by_role("radio", name="Studio photograph").focus()
    page.keyboard.press("ArrowRight")
    _settings(page, "style", "default", "anime")
    board.select("generator")
    slider = inspector.get_by_role("slider", name="Count")
    for wanted in ("2", "3"):
        slider.press("ArrowRight")
        expect(slider).to_have_value(wanted)
    _settings(page, "generator", "count", 3)
    expect(slider).to_be_focused()
    expect(inspector.get_by_label("Count").first).to_have_value("3")
    _open(page, server, board, "social-set", "export")
    inspector.get_by_label("Search in Platforms").fill("shopify")
    expect(inspector.locator(".sk-tile:visible")).to_have_count(1)
    tile = inspector.get_by_role("checkbox", name="Shopify product")
    tile.focus()
    page.keyboard.press("Space")
    _settings(page, "export", "platforms", ["instagram_feed", "instagram_story", "x_post", "shopify_product"])
    expect(inspector.locator(".sk-tile:visible")).to_contain_text("2048 × 2048 px")


def test_a_placeholder_goes_where_the_cursor_is(signed_in: Page, server: str, board) -> None:
    """Rule: a chip inserts at the cursor; one without link or default is marked."""
    page = signed_in
    _open(page, server, board, "product-image", "prompt")
    inspector = page.locator(".sk-inspector")
    template = inspector.get_by_label("Template", exact=False).first
    template.fill("A picture of by night, {{shade}}")
    warning = inspector.locator(".sk-field__warning:visible")
    expect(warning).to_have_text("link_offNeither a link nor a default: shade")
    template.evaluate("(field) => field.setSelectionRange(12, 12)")
    inspector.get_by_title("Insert {{shade}}").first.focus()
    page.keyboard.press("Enter")
    expect(template).to_be_focused()
    page.keyboard.type("!")
    expect(template).to_have_value("A picture of {{shade}}! by night, {{shade}}")
    _settings(page, "prompt", "template", "A picture of {{shade}}! by night, {{shade}}")
    template.fill("A picture by night, {{shade|deep blue}}")
    expect(warning).to_have_count(0)


def test_a_change_of_somebody_else_leaves_the_keyboard_alone(
    signed_in: Page, second: Page, server: str, board
) -> None:
    """Rule: another setting that changes elsewhere is shown, and what is being typed here goes on."""
    page = signed_in
    _open(page, server, board, "seasonal-banner", "generator")
    other = type(board)(second)
    _open(second, server, other, "seasonal-banner", "generator")
    width = page.locator(".sk-inspector").get_by_label("Width")
    height = page.locator(".sk-inspector").get_by_label("Height")
    width.evaluate("(field) => { window.kept = field; field.focus(); field.select(); }")
    page.keyboard.type("10")
    second.locator(".sk-inspector").get_by_label("Height").fill("768")
    expect(height).to_have_value("768")
    page.keyboard.type("24")
    assert page.evaluate("document.activeElement === window.kept")
    _settings(page, "generator", "width", 1024)
    _settings(page, "generator", "height", 768)
    expect(second.locator(".sk-inspector").get_by_label("Width")).to_have_value("1024")
