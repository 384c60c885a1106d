"""What wants an eye: alerts until they are seen, archived workflows, and what a first version is for."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_axe import ask
from tests.support.site import plain_graph

pytestmark = pytest.mark.browser

BURST = {
    "id": "breaker",
    "type": "circuit_breaker",
    "title": "Breaker",
    "settings": {"factor": 1},
    "position": [0, 0],
}
LIMIT = {
    "id": "limit",
    "type": "rate_limiter",
    "title": "Limit",
    "settings": {"limit": 1, "window_seconds": 3600},
    "position": [0, 0],
}


def test_an_alert_stays_until_it_is_seen(signed_in: Page, server: str) -> None:
    """An opened breaker is told in words, leads to where it is closed, and goes once it is marked as seen."""
    page = signed_in
    ask(server, "/v1/workflows", {"slug": "bursting", "graph": plain_graph(LIMIT, BURST)})
    ask(server, "/v1/workflows/bursting/publish", {})
    for _ in range(2):
        ask(server, "/v1/hooks/bursting", {"subject": "A cup"})
    page.goto(f"{server}/runs")
    page.locator(".sk-head").get_by_role("link", name="alert").click()
    line = page.locator(".sk-line").filter(has_text="bursting / default")
    expect(line.get_by_text("A circuit breaker opened")).to_be_visible()
    expect(line.get_by_role("link")).to_have_attribute("href", "/limits")
    line.get_by_role("button", name="Seen").click()
    expect(line).to_have_count(0)
    page.get_by_role("link", name="Show what was seen").click()
    expect(line).to_be_visible()
    expect(line.get_by_role("button")).to_have_count(0)


def test_an_archived_workflow_says_so_and_comes_back(signed_in: Page, server: str) -> None:
    """Its canvas is read only, without what edits; one button brings it back as it was."""
    page = signed_in
    ask(server, "/v1/workflows", {"slug": "put-away", "graph": plain_graph()})
    page.goto(f"{server}/workflows/put-away")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.locator(".sk-dialog__foot").get_by_role("button", name="Publish as v1").click()
    page.locator(".sk-notice").get_by_role("button", name="How to call it").click()
    expect(page.locator(".sk-dialog").get_by_text("/v1/hooks/put-away")).to_be_visible()
    page.goto(f"{server}/workflows")
    page.get_by_role("button", name="Actions for put-away").click()
    page.get_by_text("Archive", exact=True).click()
    page.locator(".sk-dialog__foot").get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Actions for put-away")).to_have_count(0)
    page.goto(f"{server}/workflows/put-away")
    expect(page.get_by_text("This workflow is archived")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    expect(page.locator(".sk-bar").get_by_text("Published v1")).to_be_visible()
