"""Arranging, the long press and a canvas that may not be changed, by real mouse, keyboard and touch."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.canvas import LISTEN, at, drag, heard, saved, spot

pytestmark = pytest.mark.browser
READY = "window.__sakuga_view && window.__sakuga_view.model.cards.size > 0 && window.__sakuga_view.icons"


def finger(page: Page) -> Any:
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    return touch


def test_everything_is_arranged_in_one_step(canvas: Page) -> None:
    """Links run to the right or into the row below, nothing overlaps, one undo brings all of it back."""
    canvas.wait_for_function(READY)
    canvas.evaluate(LISTEN)
    before = saved(canvas)
    canvas.mouse.click(100, 700, button="right")
    canvas.get_by_role("menuitem", name="Arrange everything").click()
    heard(canvas, "onChange")
    after = saved(canvas)
    place = {node["id"]: node["position"] for node in after["nodes"]}
    for link in after["links"]:
        (x, y), (other_x, other_y) = place[link["from"][0]], place[link["to"][0]]
        assert x < other_x or y + 100 < other_y
    assert canvas.evaluate("""() => {
      const cards = [...window.__sakuga_view.model.cards.values()];
      return cards.every((a) => cards.every((b) => a === b || a.pos[0] >= b.pos[0] + b.size[0]
        || b.pos[0] >= a.pos[0] + a.size[0] || a.pos[1] >= b.pos[1] + b.size[1] || b.pos[1] >= a.pos[1] + a.size[1]));
    }""")
    canvas.keyboard.press("Control+z")
    assert saved(canvas) == before


def test_one_finger_moves_and_a_resting_one_opens_the_menu(canvas: Page) -> None:
    """A tap selects, a drag moves, a long press is the right button, two fingers change nothing."""
    canvas.wait_for_function(READY)
    canvas.evaluate(LISTEN)
    touch = finger(canvas)
    x, y = spot(canvas, "qc")
    touch("touchStart", (x, y))
    touch("touchEnd")
    assert heard(canvas, "onSelect")["ids"] == ["qc"]
    touch("touchStart", (x, y))
    for step in (20, 40, 60):
        touch("touchMove", (x, y + step))
    touch("touchEnd")
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["qc"]
    x, y = spot(canvas, "export")
    touch("touchStart", (x, y))
    expect(canvas.get_by_role("menu")).to_be_visible()
    touch("touchEnd")
    canvas.get_by_role("menuitem", name="Duplicate").tap()
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["export_2"]


def test_fingers_select(canvas: Page) -> None:
    """A long press on nothing, then a drag, draws a box; in select mode a drag does, taps add, two fingers pan."""
    canvas.wait_for_function(READY)
    touch = finger(canvas)
    chosen = "() => [...window.__sakuga_view.surface.selectedItems].map(({ key }) => key).sort().join()"

    def box(start: tuple[float, float], end: tuple[float, float], rest: bool) -> None:
        touch("touchStart", start)
        if rest:
            expect(canvas.get_by_role("menu")).to_be_visible()
        for share in (0.3, 0.7, 1):
            touch("touchMove", tuple(a + (b - a) * share for a, b in zip(start, end, strict=True)))
        touch("touchEnd")

    (x, y), before = spot(canvas, "delivery"), canvas.evaluate("[...window.__sakuga_view.surface.ds.offset]")
    box((x - 20, y + 280), (x + 20, y + 60), rest=True)
    canvas.wait_for_function(f"({chosen})() === 'delivery'")
    expect(canvas.get_by_role("menu")).to_have_count(0)
    canvas.get_by_role("button", name="Select", exact=True).click()  # a tap right after a swipe is swallowed
    touch("touchStart", spot(canvas, "export"))
    touch("touchEnd")
    canvas.wait_for_function(f"({chosen})() === 'delivery,export'")
    x, y = spot(canvas, "style")
    box((x - 100, y + 75), (x - 30, y + 40), rest=False)
    canvas.wait_for_function(f"({chosen})() === 'delivery,export,style'")
    assert canvas.evaluate("[...window.__sakuga_view.surface.ds.offset]") == before, "the view stays"
    done = canvas.get_by_role("button", name="Done", exact=True)
    expect(done).to_have_attribute("aria-pressed", "true")
    canvas.get_by_role("button", name="3 selected").click()
    expect(canvas.get_by_role("menuitem", name="Duplicate")).to_be_visible()
    canvas.keyboard.press("Escape")
    touch("touchStart", (200, 620), (300, 620))
    touch("touchMove", (240, 660), (340, 660))
    touch("touchMove", (260, 680), (360, 680))
    touch("touchEnd")
    canvas.wait_for_function("(before) => window.__sakuga_view.surface.ds.offset[0] > before[0] + 10", arg=before)
    done.click()
    box((200, 620), (260, 620), rest=False)
    assert canvas.evaluate(chosen) == "delivery,export,style", "one finger moves the view again"


def test_nothing_changes_a_canvas_that_is_read_only(page: Page, server: str) -> None:
    """No key, drag, double click, paste, drop, menu or finger; the menu offers only what looks."""
    page.goto(f"{server}?read_only=true")
    page.wait_for_function(READY)
    page.evaluate(LISTEN)
    before = page.evaluate("JSON.stringify(window.__sakuga_view.save())")
    drag(page, spot(page, "qc"), (900, 700))
    page.mouse.dblclick(100, 700)
    expect(page.get_by_role("combobox")).to_have_count(0)
    page.mouse.click(*spot(page, "style"))
    for keys in ("n", "a", "Shift+c", "p", "Control+g", "Shift+l", "Control+v", "Control+x", "Delete", "Shift+ArrowLeft"):
        page.keyboard.press(keys)
    page.keyboard.down("Alt")
    (ax, ay), (bx, by) = spot(page, "export", "out", "images"), spot(page, "delivery", "in", "images")
    drag(page, ((ax + bx) / 2, (ay + by) / 2), (ax, ay + 150))
    page.keyboard.up("Alt")
    page.mouse.dblclick((ax + bx) / 2, (ay + by) / 2)
    frame = page.evaluate("[...[...window.__sakuga_view.model.frames.values()][0].pos]")
    bar = at(page, frame[0] + 30, frame[1] + 10)
    drag(page, bar, (bar[0] + 90, bar[1] + 90))
    page.mouse.dblclick(*bar)
    touch = finger(page)
    x, y = spot(page, "qc")
    touch("touchStart", (x, y))
    touch("touchMove", (x, y + 40))
    touch("touchMove", (x, y + 80))
    touch("touchEnd")
    page.evaluate("window.__sakuga_view.fit()")
    page.mouse.click(*spot(page, "qc"), button="right")
    offered = page.locator("[role=menu] [data-act]")
    expect(offered.first).to_be_visible()
    names = set(offered.evaluate_all("(all) => all.map((each) => each.dataset.act)"))
    assert names <= {"settings", "copy", "zoom-selection", "fit", "select-all", "minimap"}
    page.keyboard.press("Escape")
    assert page.evaluate("(window.__sakuga_view.flush(), JSON.stringify(window.__sakuga_view.save()))") == before
    assert not page.evaluate("window.heard.some(([name]) => name === 'onChange')")
