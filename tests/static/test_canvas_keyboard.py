"""Everything on the canvas without a mouse, and said in words as it happens."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

FOCUSED = "window.__sakuga_view.reach.roving.at?.key"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def says(page: Page, text: str) -> None:
    expect(page.get_by_role("log")).to_contain_text(text)


def links(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("window.__sakuga_view.save().links")
    return found


def test_arrows_follow_links_and_the_board(canvas: Page) -> None:
    """Tab enters, right and left go along links, down to what lies there; what is reached is named."""
    press(canvas, "Tab")
    says(canvas, "Canvas with 8 nodes")
    press(canvas, "ArrowRight")
    says(canvas, "Product trigger, Webhook input, takes from nothing, feeds")
    press(canvas, "ArrowRight", "ArrowDown")
    assert canvas.evaluate(FOCUSED) == "style"
    press(canvas, "ArrowRight")
    assert canvas.evaluate(FOCUSED) in {"prompt", "generator"}
    press(canvas, "ArrowLeft")
    assert canvas.evaluate(FOCUSED) in {"style", "prompt"}
    assert canvas.evaluate("window.__sakuga_view.selection().ids.length") == 1
    press(canvas, "Control+ArrowUp", "Control+ ")
    says(canvas, "2 selected")
    assert canvas.locator("canvas.board").get_attribute("role") == "application"


def test_a_link_is_made_moved_and_taken_back_by_keys(canvas: Page) -> None:
    """C offers the sockets, then what fits, with reasons for the rest; undo takes the link back."""
    before = links(canvas)
    press(canvas, "Tab", "Home", "c")
    menu = canvas.get_by_role("menu")
    menu.get_by_text("Output product_category", exact=False).click()
    expect(menu).to_have_attribute("aria-label", "Link “product_category” of Product trigger to?")
    refused = menu.locator("[aria-disabled=true]").first
    expect(refused).to_contain_text("but")
    menu.get_by_role("menuitem", name="Prompt: subject").focus()
    press(canvas, "Enter")
    link = {"from": ["input", "product_category"], "to": ["prompt", "subject"]}
    assert link in links(canvas)
    says(canvas, "product_category of Product trigger linked to subject of Prompt")
    expect(canvas.locator("canvas.board")).to_be_focused()
    press(canvas, "Control+z")
    says(canvas, "Undone")
    assert sorted(map(str, links(canvas))) == sorted(map(str, before))


def test_nodes_are_moved_added_and_deleted_by_keys(canvas: Page) -> None:
    """Shift with arrows moves by a step of the grid, Delete removes and the keyboard stays nearby."""
    press(canvas, "Tab", "Home", "Shift+ArrowRight")
    says(canvas, "Product trigger moved")
    press(canvas, "ArrowRight", "ArrowDown", "Delete")
    says(canvas, "House styles deleted")
    assert canvas.evaluate(FOCUSED) is not None
    press(canvas, "a")
    canvas.keyboard.type("prompt b")
    press(canvas, "Enter")
    says(canvas, "Prompt builder added")
    press(canvas, "Control+z", "Control+z")
    canvas.wait_for_function("window.__sakuga_view.model.cards.has('style')")


def test_the_list_shows_and_does_what_the_canvas_does(canvas: Page) -> None:
    """Nodes in the order they run; what is done there happens on the canvas, and back."""
    press(canvas, "Tab", "l")
    panel = canvas.get_by_role("region", name="Nodes as a list")
    rows = panel.locator("li[data-node]")
    ids = [row.get_attribute("data-node") for row in rows.all()]
    assert ids.index("input") < ids.index("prompt") < ids.index("generator") < ids.index("qc")
    canvas.evaluate("window.__sakuga_view.select(['qc'])")
    expect(panel.locator("[aria-current=true]")).to_contain_text("Qc")
    canvas.evaluate("window.__sakuga_view.status({qc: {state: 'failed', ms: 3200}})")
    expect(panel.locator("li[data-node=qc] .state")).to_have_text("✕ Failed · 3.2 s")
    panel.locator("li[data-node=style] button.node").focus()
    press(canvas, "Enter")
    assert canvas.evaluate("window.__sakuga_view.selection().ids") == ["style"]
    expect(panel.locator("li[data-node=style] button.node")).to_be_focused()
    row = panel.locator("li[data-node=style]")
    row.get_by_role("button", name="Rename").click()
    canvas.keyboard.type("Looks")
    press(canvas, "Enter")
    assert canvas.evaluate("window.__sakuga_view.model.cards.get('style').label") == "Looks"
    count = len(links(canvas))
    row.get_by_role("button", name="Remove the link from Product trigger to Looks").click()
    assert len(links(canvas)) == count - 1
    row.get_by_role("button", name="Delete").click()
    assert not canvas.evaluate("window.__sakuga_view.model.cards.has('style')")
    expect(panel.locator("button.node:focus")).to_have_count(1)
    press(canvas, "Escape")
    expect(panel).to_be_hidden()
