"""A workflow as an app in a real browser: set up by a creative, used by a colleague on a phone."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_workflow_becomes_an_app_that_a_colleague_uses_on_a_phone(
    signed_in: Page, server: str, board
) -> None:
    """Fields are hidden, named and moved; the app asks for the rest, shows the picture and the history."""
    page = signed_in
    page.goto(f"{server}/workflows/product-image")
    board.wait(8)
    page.get_by_role("button", name="More", exact=True).click()
    page.locator(".sk-menu-item").filter(has_text="App").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title", exact=True).fill("Product <i>pictures</i>")
    for name in ("Product ID", "Product category", "Target platform"):
        dialog.get_by_role("switch", name=f"Show {name}").click()
    dialog.get_by_role("button", name="Move Target style up").click()
    name = dialog.get_by_role("group", name="Product name")
    name.get_by_label("Label").fill("What is it?")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Colleagues find it under Apps.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/apps")
    page.get_by_role("link", name="Product <i>pictures</i>").click()
    page.wait_for_url("**/apps/product-image")
    expect(page.locator(".sk-app__field")).to_have_count(2)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("This field is required")).to_be_visible()
    page.get_by_label("What is it?").fill("A ceramic mug")
    expect(page.get_by_text("This field is required")).to_have_count(0)
    page.get_by_role("radio", name="Watercolour painting").check()
    page.get_by_role("button", name="Create").click()
    picture = page.locator(".sk-app__picture img")
    expect(picture).to_be_visible(timeout=40_000)
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 600
    expect(page.locator(".sk-app__run")).to_have_count(1)
    save = page.get_by_role("link", name="Download")
    assert str(save.get_attribute("download")).endswith(".webp")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    page.get_by_label("What is it?").fill("Something else")
    page.get_by_role("button", name="Again with other values").click()
    expect(page.get_by_label("What is it?")).to_have_value("A ceramic mug")
    expect(page.get_by_role("radio", name="Watercolour painting")).to_be_checked()
