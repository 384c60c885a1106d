"""The gallery in a real browser: search, preview, use, and a template of one's own."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_newcomer_finds_a_template_looks_at_it_and_begins(signed_in: Page, server: str, board) -> None:
    """Cards have real pictures; search and category live in the address; "Use this" opens a new canvas."""
    page = signed_in
    page.get_by_role("link", name="Templates", exact=True).click()
    page.wait_for_url("**/templates")
    cards = page.locator(".sk-tpl")
    expect(cards).to_have_count(13)
    picture = cards.first.locator("img").first
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 200
    page.get_by_role("link", name="Stories").click()
    page.wait_for_url("**/templates?category=stories")
    page.get_by_label("Search templates").fill("key frames")
    expect(cards).to_have_count(1)
    page.wait_for_url("**/templates?category=stories&q=key+frames")
    page.get_by_label("Search templates").fill("nothing like this")
    expect(page.get_by_text("No template matches")).to_be_visible()
    page.get_by_label("Search templates").fill("anime")
    cards.get_by_role("link", name="Anime key frames").click()
    page.wait_for_url("**/templates/anime-keyframes")
    board.wait(11)
    expect(page.locator(".sk-tpl__strip img")).to_have_count(3)
    expect(page.get_by_text("3 credits")).to_be_visible()
    page.get_by_role("button", name="Use this").click()
    page.wait_for_url("**/workflows/anime-key-frames")
    board.wait(11)
    expect(page.locator(".sk-bar").get_by_text("Draft only")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_text("Offer as a template").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("switch", name="Offer it as a template").click()
    dialog.get_by_label("What it is for").fill("When we draw <b>ourselves</b>")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It is in the gallery now.")).to_be_visible()
    page.goto(f"{server}/templates?category=own")
    expect(cards).to_have_count(1)
    expect(cards.get_by_text("When we draw <b>ourselves</b>")).to_be_visible()
    cards.get_by_role("button", name="Use this: Anime key frames").click()
    page.wait_for_url("**/workflows/anime-key-frames-2")
    board.wait(11)
