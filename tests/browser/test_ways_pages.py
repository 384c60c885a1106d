"""Forms, rows and schedules in a real browser, as a person uses them."""

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

KEY = "sk_browser_tests_0123456789abcdef"
TABLE = "Name,target_style,target_platform\nOak chair,noir,web\nLamp,nior,web\n"


def put(server: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server}{path}", json.dumps(body).encode(), headers, method="PUT")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return dict(json.load(answer))


def test_a_form_on_a_phone(browser: Browser, server: str) -> None:
    """Without a sign-in: what is wrong stands at its field, then the picture comes by itself."""
    url = put(server, "/v1/workflows/product-image/form", {"open": True, "title": "Draw"})["url"]
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Create").tap()
    expect(page.get_by_label("Product name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#error-product_name")).to_have_text("This field is required")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("Product name").fill("Blue teapot")
    page.get_by_role("button", name="Create").tap()
    expect(page.get_by_role("link", name="Make another")).to_be_visible(timeout=30_000)
    expect(page.locator(".sk-form__picture img")).to_be_visible()
    context.close()


def test_a_form_without_scripts(browser: Browser, server: str) -> None:
    """The page loads itself anew until it is done."""
    url = put(server, "/v1/workflows/product-image/form", {"open": True})["url"]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{url}?product_name=Vase")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("link", name="Make another")).to_be_visible(timeout=30_000)
    context.close()


def test_a_pasted_table(signed_in: Page, server: str) -> None:
    """Columns are mapped by menus, wrong cells are marked, and good rows run with their pictures."""
    signed_in.goto(f"{server}/rows/new?workflow=product-image")
    signed_in.get_by_role("textbox", name="Rows").fill(TABLE)
    expect(signed_in.get_by_text("No column fills product_name")).to_be_visible()
    signed_in.get_by_label("Column Name fills").click()
    signed_in.get_by_role("option", name="Product name").click()
    expect(signed_in.get_by_text("Did you mean noir?")).to_be_visible()
    expect(signed_in.locator("td.sk-cellbad")).to_have_text("nior")
    expect(signed_in.get_by_role("button", name="Run 1 row")).to_be_disabled()
    signed_in.get_by_role("switch", name="Leave wrong rows out").click()
    signed_in.get_by_role("button", name="Run 1 row").click()
    signed_in.wait_for_url("**/rows/bat_*")
    expect(signed_in.locator(".sk-cell").get_by_text("Succeeded")).to_be_visible(timeout=30_000)
    expect(signed_in.locator(".sk-cell img")).to_be_visible()
    signed_in.get_by_text("List", exact=True).click()
    expect(signed_in.locator("tbody img.sk-thumb")).to_be_visible()
    with signed_in.expect_download() as download:
        signed_in.get_by_text("Download results").click()
    assert "Oak chair,noir" in download.value.path().read_text("utf-8-sig")


def test_a_schedule_by_hand(signed_in: Page, server: str) -> None:
    """Wrong times are told at their field, right ones in words; it is saved, switched off and deleted."""
    signed_in.goto(f"{server}/schedules?workflow=product-image")
    signed_in.get_by_role("button", name="New schedule").first.click()
    cron = signed_in.get_by_label("Times (cron)")
    cron.fill("0 25 * * *")
    expect(signed_in.get_by_text("hour must be within 0 to 23")).to_be_visible()
    cron.fill("0 9 * * 1-5")
    expect(signed_in.locator(".sk-dialog").get_by_text("Every weekday at 09:00").first).to_be_visible()
    signed_in.get_by_role("button", name="Save").click()
    expect(signed_in.get_by_role("heading", name="Every weekday at 09:00")).to_be_visible()
    signed_in.get_by_role("switch", name="Every weekday at 09:00 is on").click()
    expect(signed_in.get_by_text("Switched off")).to_be_visible()
    signed_in.get_by_role("button", name="Actions for Every weekday at 09:00").click()
    signed_in.get_by_text("Delete", exact=True).click()
    signed_in.get_by_role("button", name="Delete").last.click()
    expect(signed_in.get_by_text("Nothing runs by itself yet")).to_be_visible()
