"""Versions on the page: what changed since, the comparison on the canvas, restore; and two people at once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import KEY, Board
from tests.browser.test_editor import _new

pytestmark = pytest.mark.browser


_AT_ONCE = """([moment, value]) => void setTimeout(
  () => window.__sakuga_view.setSettings('prompt', { template: value }), moment - Date.now())"""


def _published(page: Page, note: str = "") -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    if note:
        dialog.get_by_label("Note", exact=False).fill(note)
    dialog.locator(".sk-dialog__foot").get_by_role("button", name="Publish").click()
    expect(page.locator(".sk-bar").get_by_text("Published v")).to_be_visible()


def _setting(page: Page, node: str, name: str) -> str:
    found: str = page.evaluate(
        "([id, name]) => window.__sakuga_view.model.cards.get(id)?.spec.settings[name]", [node, name]
    )
    return found


def _set(page: Page, node: str, label: str, value: str) -> None:
    page.evaluate("(id) => window.__sakuga_view.select([id])", node)
    page.locator(".sk-inspector").get_by_label(label, exact=False).first.fill(value)
    page.wait_for_function(
        "([id, text]) => JSON.stringify(window.__sakuga_view.model.cards.get(id).spec).includes(text)",
        arg=[node, value],
    )


def _first_told(pages: tuple[Page, Page], told: str) -> Page:
    """The page that shows a banner, as soon as one of them does."""
    for _ in range(150):
        for page in pages:
            if page.locator(told).count():
                return page
        pages[0].wait_for_timeout(100)
    pytest.fail("nobody was told")


@pytest.fixture
def second(browser: Browser, server: str) -> Iterator[Page]:
    """A second person's browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{server}/login?key={KEY}")
    page.wait_for_url("**/workflows")
    yield page
    context.close()


def test_the_history_compares_and_restores(signed_in: Page, board: Board) -> None:
    """What changed since publishing is counted, drawn and listed; a restored version is one step of undo."""
    page = signed_in
    _new(page, "Versioned", "Product image")
    board.wait(8)
    _published(page, "The first one")
    first = _setting(page, "prompt", "template")
    _set(page, "prompt", "Template", f"{first}, in fog")
    page.evaluate("window.__sakuga_view.select(['metadata']); window.__sakuga_view.deleteSelection()")
    chip = page.locator(".sk-statechip")
    expect(chip).to_contain_text("v1 · ")
    expect(chip).to_contain_text("changes")
    chip.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The first one")).to_be_visible()
    changed = dialog.locator(".sk-history__changes")
    expect(changed.get_by_text("Node removed")).to_be_visible()
    expect(changed.locator("ins").filter(has_text="fog")).to_be_visible()
    ghosts = """() => [...document.querySelectorAll('.sk-history__graph *')].some(
      (each) => each.view?.model.cards.has('metadata'))"""
    page.wait_for_function(ghosts)
    changed.get_by_role("button").filter(has_text="Prompt").click()
    dialog.locator(".sk-version").filter(has_text="Version 1").click()
    dialog.get_by_role("button", name="Restore to draft").click()
    expect(page.locator(".sk-bar").get_by_text("Published v1")).to_be_visible()
    board.wait(8)
    assert _setting(page, "prompt", "template") == first
    page.get_by_role("button", name="Undo").click()
    expect(chip).to_contain_text("v1 · ")
    assert _setting(page, "prompt", "template") == f"{first}, in fog"


def test_two_people_edit_one_draft(signed_in: Page, board: Board, second: Page) -> None:
    """Each sees who is there and what they change; the same setting changed twice is a choice, not a loss."""
    page = signed_in
    slug = _new(page, "Together", "Product image")
    board.wait(8)
    second.goto(page.url)
    other = Board(second)
    other.wait(8)
    expect(page.locator(".sk-person")).to_have_count(1)
    expect(second.locator(".sk-person")).to_have_count(1)
    _set(page, "prompt", "Template", "by the first")
    second.wait_for_function(
        "() => window.__sakuga_view.model.cards.get('prompt').spec.settings.template === 'by the first'"
    )
    expect(second.locator(".sk-person").first).to_have_attribute(
        "aria-label", "You, in another tab: Prompt selected"
    )
    # what one changes of the node that the other has open comes in beside what is being typed there
    for each in (page, second):
        each.evaluate("window.__sakuga_view.select(['generator'])")
        expect(each.locator(".sk-inspector h2")).to_have_text("Picture")
    width = page.locator(".sk-inspector").get_by_label("Width", exact=False).first
    width.focus()
    width.evaluate("(field) => { field.dataset.same = 'yes'; }")
    second.locator(".sk-inspector").get_by_role("switch", name="Reuse earlier results").click()
    second.locator(".sk-inspector").get_by_label("Title", exact=True).fill("Painter")
    expect(page.locator(".sk-inspector h2")).to_have_text("Painter")
    expect(page.locator(".sk-inspector").get_by_label("Title", exact=True)).to_have_value("Painter")
    expect(page.locator(".sk-inspector").get_by_role("switch", name="Reuse earlier results")).to_be_checked()
    expect(page.locator(".sk-inspector").get_by_label("How long results are reused")).to_be_visible()
    assert page.evaluate("document.activeElement.dataset.same") == "yes", "the keyboard stayed"
    second.evaluate("window.__sakuga_view.select(['metadata']); window.__sakuga_view.deleteSelection()")
    page.wait_for_function("() => !window.__sakuga_view.model.cards.has('metadata')")
    assert _setting(page, "prompt", "template") == "by the first"
    # both change one field in the same moment, so that neither is stored when the other changes it
    moment = page.evaluate("Date.now()") + 1_500
    for each, value in ((page, "theirs"), (second, "mine")):
        each.evaluate(_AT_ONCE, [moment, value])
    notice = ".sk-notice"
    told = f"{notice} .sk-banner"
    loser = _first_told((page, second), told)
    expect(loser.locator(notice)).to_contain_text("met")
    kept = {page: "theirs", second: "mine"}[loser]
    loser.reload()
    Board(loser).wait(7)
    expect(loser.locator(notice)).to_contain_text("met")
    loser.get_by_role("button", name="Compare and choose").click()
    dialog = loser.get_by_role("dialog")
    expect(dialog.get_by_text(kept, exact=True).first).to_be_visible()
    dialog.get_by_role("button", name="Use mine").click()
    for each in (page, second):
        each.wait_for_function(
            "(kept) => window.__sakuga_view.model.cards.get('prompt').spec.settings.template === kept",
            arg=kept,
        )
    expect(loser.locator(f"{notice} .sk-banner")).to_have_count(0)
    second.close()
    assert slug == "together"
