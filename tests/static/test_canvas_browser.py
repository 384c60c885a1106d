"""The canvas in a real browser, by real mouse, keyboard and touch, over the demo page."""

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.canvas import LISTEN, drag, heard, spot

pytestmark = pytest.mark.browser

LOADED = "window.__sakuga_view && window.__sakuga_view.model.cards.size > 0"


@pytest.fixture
def canvas(canvas: Page) -> Page:
    """The demo graph, with every event of the view recorded."""
    canvas.evaluate(LISTEN)
    return canvas


def test_a_dragged_node_is_one_patch_with_one_node(canvas: Page) -> None:
    """Moving a card tells Python its new place on the grid, and nothing else."""
    x, y = spot(canvas, "qc")
    drag(canvas, (x, y), (x + 40, y + 90))
    patch = heard(canvas, "onChange")
    assert [node["id"] for node in patch["nodes"]] == ["qc"]
    assert patch["rev"] == 1
    assert all(value % 10 == 0 for value in patch["nodes"][0]["position"])
    assert patch["links"] == patch["removed_links"] == patch["removed_nodes"] == []


def test_a_wire_that_fits_replaces_the_old_one(canvas: Page) -> None:
    """An input takes one link; the new one takes the place of the old."""
    drag(canvas, spot(canvas, "input", "out", "product_category"), spot(canvas, "prompt", "in", "subject"))
    patch = heard(canvas, "onChange")
    assert patch["links"] == [{"from": ["input", "product_category"], "to": ["prompt", "subject"]}]
    assert patch["removed_links"] == [{"from": ["input", "product_name"], "to": ["prompt", "subject"]}]


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (
            ("qc", "out", "report"),
            ("prompt", "in", "subject"),
            "“report” gives a quality report, but “subject” takes a text",
        ),
        (("limit", "out", "trigger"), ("generator", "", ""), "Generator has no input that takes the data of the call"),
        (("qc", "out", "images"), ("qc", "in", "images"), None),
    ],
)
def test_a_wire_that_does_not_fit_is_refused_with_the_reason(
    canvas: Page, start: tuple[str, str, str], end: tuple[str, str, str], reason: str | None
) -> None:
    """A refused wire changes nothing and says why, in the page and to Python."""
    drag(canvas, spot(canvas, *start), spot(canvas, *end))
    if reason:
        assert heard(canvas, "onRefused") == reason
        assert canvas.locator(".sakuga-tip").inner_text() == reason
    canvas.evaluate("window.__sakuga_view.flush()")
    assert not canvas.evaluate("window.heard.some(([name]) => name === 'onChange')")


def test_a_wire_pulled_off_its_input_is_removed_and_undo_brings_it_back(canvas: Page) -> None:
    """Disconnecting is a gesture like any other."""
    link = {"from": ["input", "product_name"], "to": ["prompt", "subject"]}
    x, y = spot(canvas, "prompt", "in", "subject")
    drag(canvas, (x, y), (x - 120, y - 200))
    assert heard(canvas, "onChange")["removed_links"] == [link]
    canvas.keyboard.press("Control+z")
    assert heard(canvas, "onChange")["links"] == [link]
    canvas.keyboard.press("Control+y")
    assert heard(canvas, "onChange")["removed_links"] == [link]


def test_copy_paste_duplicate_delete_by_keyboard(canvas: Page) -> None:
    """The clipboard carries our own file format; each action is one patch."""
    canvas.mouse.click(*spot(canvas, "style"))
    canvas.keyboard.press("Control+c")
    piece = json.loads(canvas.evaluate("navigator.clipboard.readText()"))
    assert (piece["format"], [node["id"] for node in piece["nodes"]]) == ("sakuga.graph/1", ["style"])
    canvas.keyboard.press("Control+v")
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["style_2"]
    canvas.keyboard.press("Control+d")
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["style_3"]
    canvas.keyboard.press("Delete")
    assert heard(canvas, "onChange")["removed_nodes"] == ["style_3"]


def test_a_node_dragged_in_from_the_palette_lands_under_the_pointer(canvas: Page) -> None:
    """The drop is read from dataTransfer; an unknown type is refused by name."""
    drop = """([type, x, y]) => {
      const data = new DataTransfer();
      data.setData('application/x-sakuga-node', type);
      const event = new DragEvent('drop', { bubbles: true, dataTransfer: data, clientX: x, clientY: y });
      window.__sakuga_view.element.dispatchEvent(event);
    }"""
    canvas.evaluate(drop, ["generator", 700, 700])
    assert [node["id"] for node in heard(canvas, "onChange")["nodes"]] == ["generator_2"]
    x, y = spot(canvas, "generator_2")
    assert abs(x - 700) < 90
    assert abs(y - 700) < 20
    canvas.evaluate(drop, ["nonsense", 100, 100])
    assert heard(canvas, "onRefused") == "There is no node type 'nonsense'"


def test_box_selection_double_click_and_right_click_are_told(canvas: Page) -> None:
    """The page can open its own dialogs: nothing of LiteGraph's ever opens."""
    drag(canvas, (300, 200), (720, 560))
    assert {"prompt", "style"} <= set(heard(canvas, "onSelect")["ids"])
    canvas.mouse.dblclick(*spot(canvas, "prompt"))
    assert heard(canvas, "onOpen") == "prompt"
    canvas.mouse.click(*spot(canvas, "prompt", "in", "subject"), button="right")
    menu = heard(canvas, "onMenu")
    assert (menu["kind"], menu["id"]) == ("node", "prompt")
    assert canvas.locator(".litecontextmenu, .litegraph, .graphdialog, .litesearchbox").count() == 0


def test_a_clicked_link_is_deleted_with_the_delete_key(canvas: Page) -> None:
    """A link can be picked by itself."""
    (ax, ay), (bx, by) = spot(canvas, "export", "out", "images"), spot(canvas, "delivery", "in", "images")
    canvas.mouse.click((ax + bx) / 2, (ay + by) / 2)
    canvas.keyboard.press("Delete")
    assert heard(canvas, "onChange")["removed_links"] == [
        {"from": ["export", "images"], "to": ["delivery", "images"]}
    ]


def test_keys_do_nothing_while_the_focus_is_elsewhere(canvas: Page) -> None:
    """Typing in a field of the page never edits the graph."""
    canvas.mouse.click(*spot(canvas, "style"))
    canvas.evaluate("document.body.prepend(Object.assign(document.createElement('input'), { id: 'field' }))")
    canvas.focus("#field")
    for keys in ("Delete", "Control+d", "Backspace", "Control+z"):
        canvas.keyboard.press(keys)
    canvas.evaluate("window.__sakuga_view.flush()")
    assert not canvas.evaluate("window.heard.some(([name]) => name === 'onChange')")


def test_read_only_shows_and_selects_but_changes_nothing(page: Page, server: str) -> None:
    """Drag, wire, delete, paste, drop and undo are all without effect; space does not unlock."""
    page.goto(f"{server}?read_only=true")
    page.wait_for_function(LOADED)
    page.evaluate(LISTEN)
    before = page.evaluate("JSON.stringify(window.__sakuga_view.save())")
    drag(page, spot(page, "qc"), (900, 700))
    page.keyboard.press(" ")
    page.mouse.click(*spot(page, "style"))
    assert heard(page, "onSelect")["ids"] == ["style"]
    for keys in ("Control+c", "Control+v", "Control+x", "Control+d", "Delete", "Shift+ArrowUp", "Control+z"):
        page.keyboard.press(keys)
    drag(page, spot(page, "prompt", "in", "subject"), (200, 100))
    page.evaluate("window.__sakuga_view.flush()")
    assert page.evaluate("JSON.stringify(window.__sakuga_view.save())") == before
    assert not page.evaluate("window.heard.some(([name]) => name === 'onChange')")


def test_two_fingers_zoom_and_one_pans(canvas: Page) -> None:
    """Touch works as on a map, and moves no node."""
    session = canvas.context.new_cdp_session(canvas)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        where = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

    def camera() -> tuple[float, float]:
        scale, left = canvas.evaluate(
            "[window.__sakuga_view.surface.ds.scale, window.__sakuga_view.surface.ds.offset[0]]"
        )
        return scale, left

    scale, left = camera()
    touch("touchStart", (700, 700))
    touch("touchMove", (760, 700))
    touch("touchMove", (800, 700))
    touch("touchEnd")
    assert camera()[0] == scale
    assert camera()[1] > left + 50
    touch("touchStart", (600, 450))
    touch("touchStart", (600, 450), (700, 450))
    touch("touchMove", (550, 450), (750, 450))
    touch("touchEnd")
    assert camera()[0] == pytest.approx(scale * 2, rel=0.05)
    canvas.evaluate("window.__sakuga_view.flush()")
    assert not canvas.evaluate("window.heard.some(([name]) => name === 'onChange')")


def test_hostile_words_are_only_ever_drawn(canvas: Page) -> None:
    """Script in names, types, titles and messages never becomes HTML, in menus or tooltips."""
    canvas.evaluate("""() => {
      const bad = '<img src=x onerror="window.pwned = true">';
      const settings = { [bad]: bad };
      const node = (id, x) => ({ id, type: bad + id, title: bad, settings, position: [x, 0] });
      const view = window.__sakuga_view;
      const links = [{ from: ['a', bad], to: ['b', bad] }];
      view.load({ document: { nodes: [node('a', 0), node('b', 400)], links,
        groups: [{ id: 'g', title: bad, position: [-20, -60], size: [900, 300], color: bad }],
        notes: [{ id: 'n', text: bad, position: [0, 300], size: [200, 90] }] },
        problems: [{ node: 'a', field: bad, code: bad, message: bad, severity: 'error' }] });
      view.status({ a: { state: 'failed', note: bad, thumb_url: 'javascript:window.pwned=true' } });
    }""")
    canvas.mouse.move(*spot(canvas, "a"))
    tip = canvas.locator(".sakuga-tip")
    tip.wait_for(state="visible")
    assert "<img" in tip.inner_text()
    for node in ("a", "b"):
        canvas.mouse.click(*spot(canvas, node), button="right")
    drag(canvas, spot(canvas, "a"), (900, 600))
    assert canvas.evaluate("window.pwned") is None
    assert canvas.locator("img").count() == 0


def test_large_patches_go_over_http_and_stay_in_order(page: Page, server: str) -> None:
    """What the websocket would drop arrives by POST, before the small patch that follows."""
    page.goto(f"{server}?graph=/graph.json%3Fn%3D1500")
    page.wait_for_function(LOADED)
    before = len(page.request.get(f"{server}/patches.json").json())
    page.locator("canvas.board").focus()
    page.evaluate("window.__sakuga_view.commands.selectAll()")
    page.keyboard.press("Shift+ArrowRight")
    page.evaluate("window.__sakuga_view.flush()")
    page.evaluate("window.__sakuga_view.add.note(0, 0, 'small')")
    deadline = time.monotonic() + 10
    arrived: list[dict[str, Any]] = []
    while time.monotonic() < deadline and len(arrived) < 2:
        arrived = page.request.get(f"{server}/patches.json").json()[before:]
    assert [patch["rev"] for patch in arrived] == [1, 2]
    assert len(arrived[0]["nodes"]) == 1500


def test_leaving_the_page_leaves_nothing_behind(canvas: Page) -> None:
    """Destroying the view removes its elements and listeners."""
    canvas.evaluate("window.gone = window.__sakuga_view; window.gone.destroy()")
    canvas.keyboard.press("Control+z")
    canvas.mouse.click(300, 300)
    assert canvas.locator("canvas.board").count() == 0
