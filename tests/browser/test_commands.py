"""Ctrl K on every page, by keyboard alone; shortcuts in a sheet, with keys of one's own."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Board
from tests.browser.test_editor import _new

pytestmark = pytest.mark.browser


def _chosen(page: Page, text: str) -> None:
    """Open the palette, type, and wait until the first line is what was meant."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Commands and search")).to_be_focused()
    page.keyboard.type(text)


def test_everything_is_found_and_done_by_keyboard(signed_in: Page, board: Board) -> None:
    """Pages, workflows, node types, nodes, actions and runs; what was used last comes first."""
    page = signed_in
    _new(page, "Found By Key", "Product image")
    board.wait(8)
    _chosen(page, "delay")
    first = page.locator(".sk-commands [aria-selected=true]")
    expect(first).to_contain_text("Delay")
    page.keyboard.press("Enter")
    board.wait(9)
    _chosen(page, "undo")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.__sakuga_view.model.cards.size === 8")
    _chosen(page, "qual con")
    expect(first).to_contain_text("Quality control")
    page.keyboard.press("Escape")
    expect(page.locator(".sk-commands")).not_to_be_visible()
    _chosen(page, "pblsh")
    expect(first).to_contain_text("Publish")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Publish Found By Key")
    dialog.locator(".sk-dialog__foot").get_by_role("button", name="Publish").click()
    expect(page.locator(".sk-bar").get_by_text("Published v1")).to_be_visible()
    run = page.request.post(
        page.url.replace("/workflows/", "/v1/hooks/"),
        headers={"Authorization": "Bearer sk_browser_tests_0123456789abcdef"},
        data={"product_name": "mug", "external_id": "order-4711"},
    ).json()["job_id"]
    _chosen(page, "order-47")
    expect(first).to_contain_text("order-4711")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{run}")
    _chosen(page, "found by")
    expect(first).to_contain_text("Found By Key")
    page.keyboard.press("Enter")
    page.wait_for_url("**/workflows/found-by-key")
    board.wait(8)
    page.keyboard.press("Control+k")
    expect(page.locator(".sk-commands__group").first).to_have_text("Used last")
    expect(first).to_contain_text("Found By Key")
    page.keyboard.press("ArrowDown")
    expect(first).to_contain_text("Publish")
    page.keyboard.press("Escape")


def test_keys_can_be_changed_and_typing_is_never_taken(signed_in: Page, board: Board) -> None:
    """Other keys hold at once and after a reload, taken ones are refused; a field keeps its letters."""
    page = signed_in
    _new(page, "Own Keys", "Product image")
    board.wait(8)
    field = page.locator(".sk-palette input")
    field.click()
    page.keyboard.type("a?n/")
    expect(field).to_have_value("a?n/")
    assert len(board.document()["nodes"]) == 8
    field.fill("")
    page.locator(".sk-canvas-cell canvas").first.focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    duplicate = sheet.get_by_role("button", name="Duplicate:")
    duplicate.click()
    page.keyboard.press("Control+g")
    expect(sheet.get_by_role("status")).to_contain_text("taken by “Group the selection”")
    page.keyboard.press("Control+Shift+u")
    expect(duplicate).to_contain_text("Ctrl Shift U")
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_have_count(0)
    for again in (False, True):
        if again:
            page.reload()
            board.wait(9)
        page.evaluate("window.__sakuga_view.focusNode('prompt')")
        page.keyboard.press("Control+d")
        page.keyboard.press("Control+Shift+u")
        board.wait(10 if again else 9)
        assert len(board.document()["nodes"]) == (10 if again else 9)
    page.keyboard.press("?")
    sheet.get_by_role("button", name="Undo:").click()
    page.keyboard.press("Control+Shift+z")
    sheet.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Undo", exact=True).hover()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_attribute(
        "title", "Undo (Ctrl Shift Z)"
    )
    page.goto(page.url.partition("/workflows/")[0] + "/runs")
    expect(page.locator(".sk-nav__find kbd")).to_have_text("Ctrl K")
    page.keyboard.press("?")
    sheet.get_by_role("button", name="All back to the usual keys").click()
    expect(sheet.get_by_role("button", name="Duplicate:")).to_contain_text("Ctrl D")
