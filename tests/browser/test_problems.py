"""Problems on the page: there within moments, mended by one click, and taken back by undo."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Board
from tests.browser.test_editor import _new

pytestmark = pytest.mark.browser

_CUT = """() => { const view = window.__sakuga_view, { graph } = view.model;
  for (const link of [...graph._links.values()])
    if (view.model.spec(link).to.join() === 'generator,prompt') graph.removeLink(link.id);
  view.flush(); }"""
# gestures one after the other, each as soon as the canvas has the judgement of the one before
_JUDGED = f"""async (times) => {{
  const cut = {_CUT}, view = window.__sakuga_view, list = () => JSON.stringify(view.problems.list);
  for (let i = 0; i < times; i += 1) {{
    const before = list();
    if (i % 2) view.undo();
    else cut();
    while (list() === before) await new Promise((done) => setTimeout(done, 4));
  }}
}}"""


# gestures faster than anybody judges them, of which the last leaves a link missing
_BURST = f"""() => {{
  const cut = {_CUT};
  for (let i = 0; i < 4; i += 1) {{ cut(); window.__sakuga_view.undo(); }}
  cut();
}}"""


def test_the_slow_parts_of_the_page_end_with_the_last_of_many_gestures(signed_in: Page, board: Board) -> None:
    """However fast gestures come, list, count and estimate say in the end what holds for the last one."""
    page = signed_in
    _new(page, "In A Hurry", "Product image")
    board.wait(8)
    run, rows = page.locator(".sk-runbutton button").first, page.locator(".sk-problemrow")
    expect(run).to_have_attribute("title", re.compile("A run costs"))
    expect(rows).to_have_count(0)
    page.evaluate(_BURST)
    expect(run).to_have_attribute("title", re.compile("has errors"))
    expect(rows.filter(has_text="needs a link")).to_have_count(1)
    told = page.evaluate("window.__sakuga_view.problems.list.map(({message}) => message)")
    expect(rows).to_have_count(len(told))
    # errors stand before warnings; a line that comes in between pushes no other out
    page.evaluate("""() => window.__sakuga_view.setSettings('generator',
      {...window.__sakuga_view.model.cards.get('generator').spec.settings, count: 9999})""")
    expect(rows).to_have_count(len(told) + 1)
    tones = [str(each.get_attribute("data-tone")) for each in page.locator(".sk-problem").all()]
    assert tones == sorted(tones)
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(0)
    expect(run).to_have_attribute("title", re.compile("A run costs"))


def test_problems_come_at_once_and_are_mended_by_a_click(signed_in: Page, board: Board) -> None:
    """Every gesture is judged as it ends; a repair is one step of undo; mending all mends what it can."""
    page = signed_in
    _new(page, "Mend It", "Product image")
    board.wait(8)
    page.evaluate(_JUDGED, 6)
    page.evaluate(_CUT)
    row = page.locator(".sk-problemrow").filter(has_text="needs a link")
    mend = row.get_by_role("button", name="Link Prompt to it")
    expect(mend).to_be_visible()
    mend.click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)
    page.evaluate("""() => window.__sakuga_view.setSettings('generator',
      {...window.__sakuga_view.model.cards.get('generator').spec.settings, count: 9999})""")
    page.get_by_role("button", name="Mend 2 of them").click()
    expect(page.locator(".sk-problemrow")).to_have_count(0)
    links = json.dumps(board.document()["links"])
    assert '["generator", "prompt"]' in links
