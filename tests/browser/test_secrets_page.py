"""Secrets on the pages: kept, chosen at a node, and a pasted key moved into one, by mouse and keyboard."""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import KEY, Board

pytestmark = pytest.mark.browser

VALUE = "sk-live-abcdefghij0123456789"
PASTED = "ghp_0123456789abcdefghijklmnop"


def _graph(*headers: dict[str, str]) -> dict[str, Any]:
    settings = {"url": "https://api.crm.example/items", "headers": list(headers)}
    drawn = [
        {"id": "input", "type": "webhook_input", "settings": {}, "position": [0, 0]},
        {"id": "call", "type": "http_request", "settings": settings, "position": [320, 0]},
    ]
    return {"format": "sakuga.graph/1", "name": "Tell the CRM", "nodes": drawn, "links": []}


def _post(url: str, body: dict[str, Any]) -> None:
    data, headers = json.dumps(body).encode(), {"content-type": "application/json"}
    headers["authorization"] = f"Bearer {KEY}"
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        assert answer.status == 201


def _shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SAKUGA_SHOTS"):
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
            page.screenshot(path=Path(folder) / f"{name}-{look}-{page.viewport_size['width']}.png")  # type: ignore[index]


def test_a_secret_is_kept_replaced_and_deleted_on_its_page(signed_in: Page, server: str) -> None:
    """The value goes in once and stands nowhere afterwards; wrong fields are told where they are."""
    page = signed_in
    page.goto(f"{server}/secrets")
    expect(page.get_by_text("No secret yet")).to_be_visible()
    _shot(page, "empty")
    page.get_by_role("button", name="New secret").click()
    window = page.locator(".sk-dialog")
    window.get_by_label("Name").fill("Shop Key")
    window.get_by_label("Value").fill(VALUE)
    window.get_by_label("May be sent to").fill("https://shop.example/")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_text("Must be 1 to 60 of")).to_be_visible()
    window.get_by_label("Name").fill("shop")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_text("Must be host or host:port")).to_be_visible()
    _shot(page, "dialog")
    window.get_by_label("May be sent to").fill("API.shop.example, shop.example:8443")
    window.get_by_role("button", name="Save").click()
    expect(window).to_be_hidden()
    expect(page.get_by_text("may be sent to api.shop.example, shop.example:8443")).to_be_visible()
    expect(page.get_by_text("ends in 6789")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    _shot(page, "list")
    page.set_viewport_size({"width": 1440, "height": 900})
    _shot(page, "list")
    page.get_by_role("button", name="Replace: shop").click()
    window.get_by_label("May be sent to").fill("api.shop.example, evil.example")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_text("Must be entered again when hosts are added")).to_be_visible()
    window.get_by_role("button", name="Cancel").click()
    expect(window).to_be_hidden()
    page.get_by_role("button", name="Where used: shop").click()
    expect(window.get_by_text("No workflow names it.")).to_be_visible()
    window.get_by_text("Close", exact=True).click()
    page.get_by_role("button", name="Delete: shop").click()
    window.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No secret yet")).to_be_visible()
    assert VALUE not in page.content()


def test_a_node_chooses_a_secret_and_a_pasted_key_becomes_one(
    signed_in: Page, server: str, board: Board
) -> None:
    """The form offers names, makes new ones for the address of the node, and one click moves a pasted key."""
    page = signed_in
    page.set_viewport_size({"width": 1440, "height": 900})
    headers = {"name": "Authorization", "value": f"Bearer {PASTED}"}, {"name": "X-Key", "value": ""}
    _post(f"{server}/v1/workflows", {"slug": "tell-crm", "graph": _graph(*headers)})
    page.goto(f"{server}/workflows/tell-crm")
    board.wait(2)
    move = page.get_by_role("button", name="Move to a secret")
    expect(move).to_be_visible()
    _shot(page, "pasted")
    move.click()
    window = page.locator(".sk-dialog")
    expect(window.get_by_text("The key of Authorization becomes a secret")).to_be_visible()
    expect(window.get_by_label("Name")).to_have_value("crm")
    expect(window.get_by_label("May be sent to")).to_have_value("api.crm.example")
    _shot(page, "moving")
    window.get_by_role("button", name="Save").click()
    expect(window).to_be_hidden()
    expect(move).to_be_hidden()
    moved = board.document()["nodes"][1]["settings"]["headers"][0]
    assert moved == {"name": "Authorization", "value": "Bearer", "secret": "crm"}

    board.fit()
    board.select("call")
    inspector = page.get_by_role("complementary", name="Settings")
    inspector.get_by_role("button", name="X-Key").click()
    _shot(page, "inspector")
    inspector.get_by_label("Secret", exact=True).click()
    page.get_by_role("option", name="New secret…").click()
    expect(window.get_by_label("May be sent to")).to_have_value("api.crm.example")
    window.get_by_label("Name").fill("crm-two")
    window.get_by_label("Value").fill(VALUE)
    window.get_by_role("button", name="Save").click()
    expect(window).to_be_hidden()
    second = "(() => window.__sakuga_view.save().nodes[1].settings.headers[1].secret)()"
    page.wait_for_function(f"{second} === 'crm-two'")
    inspector.get_by_label("Secret", exact=True).click()
    page.get_by_role("option", name="crm", exact=True).click()
    page.wait_for_function(f"{second} === 'crm'")
    _shot(page, "chosen")
    assert VALUE not in json.dumps(board.document())
