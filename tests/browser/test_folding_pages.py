"""A part of a workflow is folded away and opened again on the real page, by mouse and keyboard."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_selection_is_folded_into_a_workflow_and_unfolded(signed_in: Page, board) -> None:
    """One node takes its place, wired alike; undo brings it back; the new workflow is there and published."""
    page = signed_in
    page.get_by_role("button", name="New workflow").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Fold Me")
    dialog.get_by_label("Begin with").click()
    page.get_by_role("option", name="Product image", exact=True).click()
    dialog.get_by_role("button", name="Create").click()
    page.wait_for_url("**/workflows/fold-me")
    board.wait(8)
    board.fit()
    board.select("qc")
    clipped = page.locator(".sk-inspector").get_by_label("Max clipped").first
    slider = page.locator(".sk-inspector").get_by_role("slider").first
    value = float(clipped.input_value())
    slider.scroll_into_view_if_needed()
    area = slider.bounding_box()
    assert area is not None
    page.mouse.click(area["x"] + area["width"] * 0.9, area["y"] + area["height"] / 2)
    expect(clipped).not_to_have_value(f"{value:g}")
    page.locator("canvas.board").focus()
    page.keyboard.press("Control+z")
    expect(clipped).to_have_value(f"{value:g}")
    before = sorted(node["type"] for node in board.document()["nodes"])
    page.evaluate("window.__sakuga_view.select(['style', 'prompt', 'generator', 'qc'])")
    page.locator("canvas.board").focus()
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Make a workflow of these").click()
    dialog.get_by_label("Name of the workflow").fill("Draw it")
    page.keyboard.press("Enter")
    folded = "() => window.__sakuga_view.save().nodes.some(({ type }) => type === 'subworkflow')"
    page.wait_for_function(folded)
    expect(page.locator(".sk-problem")).to_have_count(0)
    links = board.document()["links"]
    assert [link["from"] for link in links if link["to"] == ["export", "images"]] == [
        ["subworkflow", "images"]
    ]
    page.evaluate("window.__sakuga_view.select(['subworkflow'])")
    page.locator("canvas.board").focus()
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Unfold the workflow").click()
    page.wait_for_function(folded.replace("some", "every").replace("===", "!=="))
    assert sorted(node["type"] for node in board.document()["nodes"]) == before
    page.keyboard.press("Control+z")
    page.wait_for_function(folded)
    page.keyboard.press("Control+z")
    page.wait_for_function(folded.replace("some", "every").replace("===", "!=="))
    page.evaluate("window.__sakuga_view.select(['input', 'prompt'])")
    page.keyboard.press("Shift+F10")
    page.get_by_role("menuitem", name="Make a workflow of these").click()
    expect(page.get_by_text("stays here")).to_be_visible()
    page.goto(page.url.replace("fold-me", "draw-it"))
    board.wait(6)
    expect(page.locator(".sk-bar").get_by_text("Published v1")).to_be_visible()
