"""Groups, notes, bends, collapsing, pinning, aligning and the clipboard, by real mouse and keyboard."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.canvas import LISTEN, at, drag, heard, saved, spot

pytestmark = pytest.mark.browser


@pytest.fixture
def canvas(canvas: Page) -> Page:
    canvas.wait_for_function("window.__sakuga_view.icons")  # fonts move what they measure
    canvas.evaluate(LISTEN)
    return canvas


def node(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["nodes"] if each["id"] == name)


def held(page: Page, key: str, x: float, y: float) -> None:
    """A click while a key is held."""
    page.keyboard.down(key)
    page.mouse.click(x, y)
    page.keyboard.up(key)


def pick(page: Page, label: str) -> None:
    page.get_by_role("menu").get_by_role("menuitem", name=label).or_(
        page.get_by_role("menu").get_by_role("menuitemcheckbox", name=label)
    ).first.click()


def test_a_group_is_made_named_coloured_moved_collapsed_and_undone(canvas: Page) -> None:
    """Its title and description are written at once; it carries its contents; every gesture is one step."""
    canvas.mouse.click(*spot(canvas, "export"))
    held(canvas, "Shift", *spot(canvas, "delivery"))
    canvas.keyboard.press("Control+g")
    canvas.keyboard.type("Send it")
    canvas.get_by_label("Description").fill("Everything that leaves the house")
    canvas.get_by_role("button", name="Done").click()
    group = saved(canvas)["groups"][-1]
    assert (group["title"], group["description"]) == ("Send it", "Everything that leaves the house")
    x, y = group["position"]
    bar = at(canvas, x + 60, y + 12)
    canvas.mouse.click(*bar, button="right")
    pick(canvas, "Green")
    before = node(saved(canvas), "export")["position"]
    drag(canvas, bar, (bar[0], bar[1] + 90))
    moved = saved(canvas)
    assert moved["groups"][-1]["color"] == "green"
    assert node(moved, "export")["position"][1] > before[1]
    below = (bar[0], bar[1] + 90)
    canvas.mouse.click(*below, button="right")
    pick(canvas, "Collapsed")
    folded = saved(canvas)["groups"][-1]
    assert sorted(folded["holds"]) == ["delivery", "export"]
    assert canvas.evaluate("window.__sakuga_view.model.cards.get('export').shelter.key") == folded["id"]
    drag(canvas, below, (below[0], below[1] - 50))
    assert node(saved(canvas), "export")["position"][1] < node(moved, "export")["position"][1]
    for _ in range(2):
        canvas.keyboard.press("Control+z")
    assert saved(canvas)["groups"] == moved["groups"]
    canvas.mouse.dblclick(*below)
    expect(canvas.get_by_label("Title")).to_have_value("Send it")
    canvas.keyboard.press("Escape")
    canvas.mouse.click(*below, button="right")
    pick(canvas, "Delete with what is inside")
    assert "export" not in {each["id"] for each in saved(canvas)["nodes"]}
    canvas.keyboard.press("Control+z")
    assert "export" in {each["id"] for each in saved(canvas)["nodes"]}
    assert canvas.evaluate("window.__sakuga_view.selection().ids.length") == 2, "what comes back is selected"


def test_a_link_gets_points_to_be_led_by(canvas: Page) -> None:
    """A double click on the line adds one, Alt and drag adds and moves one, Delete takes it away."""
    (ax, ay), (bx, by) = spot(canvas, "export", "out", "images"), spot(canvas, "delivery", "in", "images")
    middle = ((ax + bx) / 2, (ay + by) / 2)
    ends = {"from": ["export", "images"], "to": ["delivery", "images"]}

    def via() -> Any:
        return next(each for each in saved(canvas)["links"] if each["to"] == ends["to"]).get("via", [])

    canvas.mouse.dblclick(*middle)
    assert len(via()) == 1
    drag(canvas, middle, (middle[0], middle[1] + 120))
    low = via()[0]
    assert low[1] > 250
    assert all(value % 10 == 0 for value in low)
    canvas.mouse.click(*at(canvas, *low))
    canvas.keyboard.press("Delete")
    assert via() == []
    canvas.keyboard.down("Alt")
    drag(canvas, middle, (middle[0], middle[1] - 80))
    canvas.keyboard.up("Alt")
    assert len(via()) == 1
    canvas.mouse.click(*at(canvas, *via()[0]), button="right")
    pick(canvas, "Remove its points")
    assert via() == []
    canvas.keyboard.press("Control+z")
    assert len(via()) == 1
    assert len(saved(canvas)["links"]) == 10


def test_align_collapse_pin_and_snap(canvas: Page) -> None:
    """By menu and keys; what is pinned stays; Shift leaves the grid while it is held."""
    canvas.mouse.click(*spot(canvas, "limit"))
    held(canvas, "Control", *spot(canvas, "style"))
    held(canvas, "Control", *spot(canvas, "prompt"))
    canvas.mouse.click(*spot(canvas, "prompt"), button="right")
    pick(canvas, "Align top")
    assert {node(saved(canvas), each)["position"][1] for each in ("limit", "style", "prompt")} == {-20}
    canvas.keyboard.press("Control+z")
    canvas.keyboard.press("Shift+c")
    assert all(node(saved(canvas), each)["collapsed"] for each in ("limit", "style", "prompt"))
    canvas.keyboard.press("Shift+c")
    canvas.keyboard.press("p")
    start = spot(canvas, "limit")
    drag(canvas, start, (start[0] + 60, start[1] + 60))
    assert node(saved(canvas), "limit")["position"] == [320, -20]
    canvas.keyboard.press("Escape")
    start = spot(canvas, "qc")
    canvas.mouse.move(*start)
    canvas.mouse.down()
    canvas.mouse.move(start[0] + 20, start[1] + 31, steps=4)
    canvas.keyboard.down("Shift")
    canvas.mouse.move(start[0] + 23, start[1] + 37, steps=4)
    canvas.mouse.up()
    canvas.keyboard.up("Shift")
    assert any(value % 10 for value in node(saved(canvas), "qc")["position"])


def test_notes_are_written_coloured_and_duplicated(canvas: Page) -> None:
    """A new note has the keyboard at once."""
    canvas.locator("canvas.board").focus()
    canvas.keyboard.press("n")
    canvas.keyboard.type("Ask Mia")
    canvas.keyboard.press("Control+Enter")
    made = saved(canvas)["notes"][-1]
    assert made["text"] == "Ask Mia"
    where = at(canvas, made["position"][0] + 30, made["position"][1] + 80)
    canvas.mouse.click(*where, button="right")
    pick(canvas, "Pink")
    assert saved(canvas)["notes"][-1]["color"] == "pink"
    canvas.keyboard.press("Control+d")
    assert [each["text"] for each in saved(canvas)["notes"]][-2:] == ["Ask Mia", "Ask Mia"]


def test_pieces_travel_as_json_and_foreign_text_is_checked(canvas: Page) -> None:
    """A copied group takes its contents along; broken JSON is refused with the field and changes nothing."""
    x, y = canvas.evaluate("[...[...window.__sakuga_view.model.frames.values()][0].pos]")
    canvas.mouse.click(*at(canvas, x + 30, y + 10))
    canvas.keyboard.press("Control+c")
    piece = json.loads(canvas.evaluate("navigator.clipboard.readText()"))
    assert {each["id"] for each in piece["nodes"]} == {"prompt", "generator", "qc"}
    assert len(piece["links"]) == 2
    canvas.keyboard.press("Control+v")
    assert len(saved(canvas)["nodes"]) == 11
    canvas.keyboard.press("Control+z")
    before = saved(canvas)
    write = "(text) => navigator.clipboard.writeText(text)"
    bad = {"format": "sakuga.graph/1", "nodes": [{"id": "x", "type": "qc", "position": [1, 1]}] * 2}
    for text, reason in ((json.dumps(bad), "'x' is used 2 times"), ('{"nodes": 7}', "format must be")):
        canvas.evaluate(write, text)
        canvas.keyboard.press("Control+v")
        assert reason in heard(canvas, "onRefused")
    assert saved(canvas) == before


def test_undo_and_redo_keep_pictures_and_selection(canvas: Page) -> None:
    """A node that was deleted comes back selected, with what its last run showed; also by redo of an undo."""
    canvas.evaluate("window.__sakuga_view.status({ qc: { state: 'succeeded', note: 'kept' } })")
    canvas.mouse.click(*spot(canvas, "qc"))
    canvas.keyboard.press("Delete")
    assert "qc" not in {each["id"] for each in saved(canvas)["nodes"]}
    selected = "window.__sakuga_view.selection().ids"
    canvas.keyboard.press("Control+z")
    assert canvas.evaluate(selected) == ["qc"]
    assert canvas.evaluate("window.__sakuga_view.runs.get('qc').note") == "kept"
    canvas.keyboard.press("Control+d")
    canvas.keyboard.press("Control+z")
    canvas.keyboard.press("Control+y")
    assert canvas.evaluate(selected) == ["qc_2"]
    start = spot(canvas, "qc_2")
    drag(canvas, start, (start[0], start[1] + 80))
    canvas.keyboard.press("Control+z")
    assert canvas.evaluate(selected) == ["qc_2"]


def test_alt_and_a_drag_take_copies_away(canvas: Page) -> None:
    """What was there stays with its links, the copy is where it was dropped, all of it one step of undo."""
    canvas.evaluate(LISTEN)
    before = saved(canvas)
    x, y = spot(canvas, "qc")
    canvas.keyboard.down("Alt")
    canvas.mouse.click(x, y)
    assert saved(canvas)["nodes"] == before["nodes"], "a mere click copies nothing"
    drag(canvas, (x, y), (x + 40, y + 240))
    canvas.keyboard.up("Alt")
    canvas.wait_for_function("!window.__sakuga_view.surface.isDragging")
    after = saved(canvas)
    places = {node["id"]: node["position"] for node in after["nodes"]}
    assert set(places) - {node["id"] for node in before["nodes"]} == {"qc_2"}
    assert places["qc"] == next(node["position"] for node in before["nodes"] if node["id"] == "qc")
    assert places["qc_2"][1] > places["qc"][1] + 100
    assert after["links"] == before["links"]
    canvas.keyboard.press("Control+z")
    assert saved(canvas)["nodes"] == before["nodes"]
