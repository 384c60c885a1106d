"""Quick add, refusals with their repairs and the context menu, by mouse and keyboard, over the demo page."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.canvas import LISTEN, drag, heard, saved, spot

pytestmark = pytest.mark.browser
# the colour of a style's socket half way between the socket and the point where the wire was dropped
_WIRE_STAYS = """() => {
  const view = window.__sakuga_view, { surface, model } = view, card = model.cards.get('style');
  surface.draw(true, true);
  const slot = card.outs.find(({ name }) => name === 'style');
  const [x, y] = surface.ds.convertOffsetToCanvas([card.pos[0] + slot.pos[0], card.pos[1] + slot.pos[1]]);
  const box = view.element.getBoundingClientRect(), [ex, ey] = [600 - box.left, 700 - box.top];
  const at = [Math.round((x + ex) / 2) - 45, Math.round((y + ey) / 2) - 45];
  const before = surface.ctx.getImageData(...at, 90, 90).data.slice();
  const kept = surface.loose;
  surface.loose = null;
  surface.draw(true, true);
  const after = surface.ctx.getImageData(...at, 90, 90).data;
  surface.loose = kept;
  return before.some((value, i) => Math.abs(value - after[i]) > 40);
}"""


@pytest.fixture
def canvas(canvas: Page) -> Page:
    canvas.wait_for_function("window.__sakuga_view.icons")  # fonts move what they measure
    canvas.evaluate(LISTEN)
    return canvas


def test_quick_add_by_double_click_and_by_a_dropped_wire(canvas: Page) -> None:
    """A list at the pointer, searched by typing; of a wire only what fits, linked, one step of undo."""
    field = canvas.get_by_role("combobox")
    for _ in range(3):  # a busy machine may tear the two clicks apart
        canvas.mouse.dblclick(100, 620)
        canvas.wait_for_timeout(300)
        if field.count():
            break
    expect(field).to_be_focused()
    everything = canvas.get_by_role("option").count()
    canvas.keyboard.type("export")
    expect(canvas.get_by_role("option")).to_have_count(1)
    canvas.keyboard.press("Enter")
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["multi_format_export"]
    expect(canvas.locator("canvas.board")).to_be_focused()
    drag(canvas, spot(canvas, "style", "out", "style"), (600, 700))
    listed = canvas.get_by_role("option")
    expect(canvas.get_by_text("Add a node that takes a style")).to_be_visible()
    assert listed.count() == 2 < everything
    assert canvas.evaluate(_WIRE_STAYS), "the wire stays drawn, from its socket to where it was dropped"
    canvas.keyboard.press("Escape")
    assert not canvas.evaluate(_WIRE_STAYS), "and goes with the list"
    drag(canvas, spot(canvas, "style", "out", "style"), (600, 700))
    canvas.keyboard.press("ArrowDown")
    canvas.keyboard.press("ArrowUp")
    expect(listed.first).to_have_attribute("aria-selected", "true")
    canvas.keyboard.press("Enter")
    patch = heard(canvas, "onChange")
    made = patch["nodes"][0]["id"]
    assert patch["links"] == [{"from": ["style", "style"], "to": [made, "style"]}]
    canvas.keyboard.press("Control+z")
    assert heard(canvas, "onChange")["removed_nodes"] == [made]
    drag(canvas, spot(canvas, "qc", "in", "images"), (900, 700))  # pulls the link off, adds nothing
    assert canvas.locator(".sakuga-pop").count() == 0
    canvas.mouse.dblclick(100, 560)
    canvas.keyboard.press("Escape")
    assert canvas.locator(".sakuga-pop").count() == 0
    expect(canvas.locator("canvas.board")).to_be_focused()


def test_a_refused_wire_offers_the_node_that_bridges(canvas: Page) -> None:
    """Said in people's words; one click puts the node between, wired on both sides, one step of undo."""
    drag(
        canvas, spot(canvas, "input", "out", "product_category"), spot(canvas, "generator", "in", "style")
    )
    box = canvas.get_by_role("alertdialog")
    expect(box).to_contain_text("“product_category” gives a text, but “style” takes a style")
    assert "Text" not in box.inner_text()
    box.get_by_role("button", name="Put Style preset between").click()
    patch = heard(canvas, "onChange")
    made = patch["nodes"][0]["id"]
    assert {"from": ["input", "product_category"], "to": [made, "key"]} in patch["links"]
    assert {"from": [made, "style"], "to": ["generator", "style"]} in patch["links"]
    canvas.keyboard.press("Control+z")
    assert heard(canvas, "onChange")["removed_nodes"] == [made]


def test_the_context_menu_by_mouse_and_keyboard(canvas: Page) -> None:
    """A menu for what is under the pointer, with its keys; arrows, letters, Enter and Escape work."""
    canvas.mouse.click(*spot(canvas, "prompt"), button="right")
    menu = canvas.get_by_role("menu")
    for words in ("Settings", "Duplicate", "Ctrl D", "Remove its links", "Del"):
        expect(menu.get_by_text(words, exact=True)).to_be_visible()
    assert menu.get_by_text("Run to here").count() == 0, "the demo page runs nothing"
    canvas.keyboard.press("d")
    canvas.keyboard.press("Enter")
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["prompt_2"]
    canvas.keyboard.press("Shift+F10")
    menu.get_by_role("menuitem", name="Delete").click()
    assert heard(canvas, "onChange")["removed_nodes"] == ["prompt_2"]
    canvas.mouse.click(*spot(canvas, "export"))
    canvas.keyboard.press("ContextMenu")
    canvas.keyboard.press("r")
    canvas.keyboard.press("Enter")
    assert len(heard(canvas, "onChange")["removed_links"]) == 3
    canvas.keyboard.press("Control+z")
    canvas.evaluate("""() => {
      localStorage.setItem('sakuga.keys', JSON.stringify({ 'mod+d': 'mod+shift+u', delete: 'x', 'mod+x': 'delete' }));
      window.dispatchEvent(new Event('sakuga-keys'));
    }""")
    canvas.mouse.click(*spot(canvas, "prompt"), button="right")
    expect(menu.get_by_role("menuitem", name="Duplicate")).to_contain_text("Ctrl Shift U")
    expect(menu.get_by_role("menuitem", name="Delete")).to_contain_text("X")
    expect(menu.get_by_text("Ctrl D", exact=True)).to_have_count(0)
    canvas.keyboard.press("Escape")
    canvas.mouse.click(100, 620, button="right")
    expect(menu.get_by_role("menuitem", name="Select everything")).to_be_visible()
    canvas.mouse.click(700, 800)
    assert canvas.locator(".sakuga-pop").count() == 0


def test_a_link_has_a_menu_of_its_own(canvas: Page) -> None:
    """A node can be set into it, wired on both sides; and it can be deleted."""
    (ax, ay), (bx, by) = spot(canvas, "export", "out", "images"), spot(canvas, "delivery", "in", "images")
    canvas.mouse.click((ax + bx) / 2, (ay + by) / 2, button="right")
    canvas.get_by_role("menuitem", name="Insert a node").click()
    canvas.get_by_role("option").filter(has_text="Qc").click()
    patch = heard(canvas, "onChange")
    made = patch["nodes"][0]["id"]
    assert [link["to"][0] for link in patch["links"]] in ([made, "delivery"], ["delivery", made])
    assert len(saved(canvas)["links"]) == 11
